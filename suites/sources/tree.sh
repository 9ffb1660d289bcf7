# Sourced, after say.sh and digest.sh: the digest of an unpacked archive.
# shellcheck shell=sh

## tree_of (folder):
# Print how many files, folders and links are below ${folder}, and the SHA-256 of all files' contents in the order of
# their names.
tree_of() {
	for _tree_type in f d l; do
		_tree_count=$(find "$1" -mindepth 1 -type "${_tree_type}" | wc -l | tr -d ' ')
		case ${_tree_type} in
		f) printf '%s files, ' "${_tree_count}" ;;
		d) printf '%s folders, ' "${_tree_count}" ;;
		*) printf '%s links, ' "${_tree_count}" ;;
		esac
	done
	printf 'contents %s\n' "$(find "$1" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat | sha256_in)"
}
