# Sourced, after digest.sh: the tree of files, and what proves it.
# shellcheck shell=sh disable=SC2034

## tree_known (files):
# Set ${tree_want}: the digest of a tree of ${files} files.  Ends the step where none is known.
tree_known() {
	case $1 in
	200) tree_want=d872407fcdc95cefeb6d32342f1a7ede611c589194e46a4ec655106e770ee7d5 ;;
	4000) tree_want=d4cae08c990371729946b55349b18479435c50410115029b714e325666c71901 ;;
	20000) tree_want=d70e3bfa5cd8ab9ce9305f093c895c48591cdd563cc17d20ae4fd24390dbbb47 ;;
	*)
		echo "files: expected 200, 4000 or 20000, got \"$1\"" >&2
		exit 2
		;;
	esac
}

## tree_make (files):
# Make them, in the folder that this is.
tree_make() {
	_tree_n=0
	while [ "${_tree_n}" -lt 64 ]; do
		mkdir "d$((_tree_n / 10))$((_tree_n % 10))"
		_tree_n=$((_tree_n + 1))
	done
	# More text than the files need: the generator ends when its reader has ended.
	awk -v bytes="$(($1 * 12500))" -v seed=2 -f "${TT_SUITE_DIR}/lib/text.awk" 2>/dev/null |	\
	    awk -v files="$1" -v seed=3 -f "${TT_SUITE_DIR}/lib/tree.awk"
}

## tree_digest (folder):
# Print the digest of all names and contents below ${folder}.
tree_digest() {
	(
		cd "$1" || exit 1
		find . -type f | LC_ALL=C sort >../tree.names
		{
			cat ../tree.names
			xargs cat <../tree.names
		} | sha256_in
		rm -f ../tree.names
	)
}
