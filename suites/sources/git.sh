# Sourced: git without the settings of user or system, and the history that is cloned.
# shellcheck shell=sh disable=SC2034

## git_own (argument, ...):
# Run git with no configuration but its own defaults, asking nobody anything, and with nothing left in the background.
git_own() {
	GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null HOME=${TT_WORK}			\
	GIT_TERMINAL_PROMPT=0 GIT_DEFAULT_HASH=sha1 GIT_CEILING_DIRECTORIES=${TT_WORK} git -c gc.auto=0 -c maintenance.auto=false "$@"
}

## bundle_known (commits):
# Set ${bundle_head}: the last commit of a history of so many.  Ends the step where none is known.
bundle_known() {
	case $1 in
	100) bundle_head=945c54b84c6d212e1b4643e8d5cc7e653544e064 ;;
	5000) bundle_head=9529700adbcab9f3fb5735aabc0f6c11027f4217 ;;
	*)
		echo "commits: expected 100 or 5000, got \"$1\"" >&2
		exit 2
		;;
	esac
}
