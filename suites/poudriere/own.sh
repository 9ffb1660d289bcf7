# Sourced, after say.sh: poudriere with this suite's configuration.
# shellcheck shell=sh disable=SC2154

## poudriere_words ():
# Check the parameters, and set ${jobs}, the number of builders at once.  Forks nothing.
poudriere_words() {
	jobs_of "${TT_PARAM_builders}"
	case ${TT_PARAM_make_jobs} in
	yes | no) ;;
	*)
		echo "make_jobs: expected yes or no, got \"${TT_PARAM_make_jobs}\"" >&2
		exit 2
		;;
	esac
	case ${TT_PARAM_origin} in
	*[!A-Za-z0-9/_.+-]* | */*/* | /* | */ | *..* | -*) ;;
	*/*) return 0 ;;
	esac
	echo "origin: expected such as www/apache24, got \"${TT_PARAM_origin}\"" >&2
	exit 2
}

## own_poudriere (word, ...):
# Call poudriere.
own_poudriere() {
	env -i PATH=/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin HOME=/root LC_ALL=C	\
	    poudriere -e "${TT_WORK}/etc" "$@"
}

## bulk (word, ...):
# Build the port; each ${word} is one more option of poudriere bulk.
bulk() {
	own_poudriere bulk -j bench -p bench -J "${jobs}" "$@" "${TT_PARAM_origin}"
}
