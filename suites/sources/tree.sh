# Sourced, after say.sh and digest.sh: what an unpacked archive is told by.
# shellcheck shell=sh

## tree_of (folder):
# Print how many files, folders and links are below ${folder}, and the SHA-256 of all files' contents in the order of
# their names.
tree_of() (
	cd "$1" || exit
	for tree_type in f d l; do
		tree_count=$(find . -mindepth 1 -type "${tree_type}" | wc -l | tr -d ' ')
		case ${tree_type} in
		f) printf '%s files, ' "${tree_count}" ;;
		d) printf '%s folders, ' "${tree_count}" ;;
		*) printf '%s links, ' "${tree_count}" ;;
		esac
	done
	printf 'contents %s\n' "$(find . -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256_in)"
)
