#!/bin/sh
#
# Untimed: make the repository to clone, fetch the archives to unpack, and say what can run here.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest fetch release; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/git.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/tree.sh"

## bundle ():
# Make the bundle of a history whose last commit is known.  1 and ${why} where that fails.
bundle() {
	bundle_known "${TT_PARAM_commits}"
	rm -rf history history.bundle
	progress "making a history of ${TT_PARAM_commits} commits"
	why='git does not make the history: '
	if ! { git_own init -q history && git_own -C history symbolic-ref HEAD refs/heads/main; } >git.log 2>&1; then
		why=${why}$(tail -n 1 git.log)
		return 1
	fi
	# 3 files of at most 43 lines, of some 70 bytes, for each commit.
	if ! awk -v bytes="$((TT_PARAM_commits * 9500))" -v seed=4 -f "${TT_SUITE_DIR}/lib/text.awk" 2>/dev/null |	\
	    awk -v commits="${TT_PARAM_commits}" -v seed=5 -f "${TT_SUITE_DIR}/lib/history.awk" |		\
	    git_own -C history fast-import --quiet --done >git.log 2>&1; then
		why=${why}$(tail -n 1 git.log)
		return 1
	fi
	_bundle_head=$(git_own -C history rev-parse HEAD)
	if [ "${_bundle_head}" != "${bundle_head}" ]; then
		why="the history's last commit: expected ${bundle_head}, got ${_bundle_head}"
		return 1
	fi
	if ! git_own -C history -c pack.threads=1 bundle create "${TT_WORK}/history.bundle" HEAD refs/heads/main >git.log 2>&1; then
		why=${why}$(tail -n 1 git.log)
		return 1
	fi
	rm -rf history git.log
}

## archive (name, url, digest):
# Have src.txz or ports.txz of the release, with a list of what is in it and with what it unpacks to.  Reads it, so that
# it is in memory.  1 and ${why} where that fails.
archive() {
	release_have "$1.txz" "${TT_PARAM_release}" "$2" "$3" || return 1
	if ! tar -tf "$1.txz" 2>tar.log >list; then
		# bsdtar ends with 1 where it wrote a name of UTF-8 that the C locale has no letters for, too.
		why="$1.txz: tar does not list it: $(sed -n 1p tar.log)"
		return 1
	fi
	release_entries "$1.txz" "${TT_PARAM_release}"
	_archive_lines=$(wc -l <list | tr -d ' ')
	if [ -z "$2" ] && [ "${_archive_lines}" -ne "${release_count}" ]; then
		why="$1.txz: expected ${release_count} entries, tar lists ${_archive_lines}"
		return 1
	fi
	sed 's|^\./||; s|/$||; /^\.*$/d' list | LC_ALL=C sort -u >all
	wc -l <all | tr -d ' ' >"$1.count"
	# Names with other characters are written otherwise by each tar: they are counted only.
	sed '/\\/d; /[^ -~]/d' all >"$1.list"
	rm -rf list all tar.log made
	progress "unpacking $1.txz once"
	mkdir made
	why="$1.txz cannot be unpacked: disk full?"
	tar -xf "$1.txz" -C made 2>/dev/null || return 1
	tree_of made >"$1.tree"
	rm -rf made
}

## tar_row (row, url, digest):
# Say that the row, tar-src or tar-ports, can run, and by which tar, or why it cannot.
tar_row() {
	if ! has tar; then
		say "skip.$1" 'no tar'
	elif archive "${1#tar-}" "$2" "$3"; then
		case $(tar --version 2>/dev/null) in
		*"GNU tar"*) say "driver.$1" gnu ;;
		bsdtar*) say "driver.$1" bsd ;;
		*) say "driver.$1" tar ;;
		esac
	else
		say "skip.$1" "${why}"
	fi
}

cd "${TT_WORK}"
why=
if ! has git; then
	say skip.git 'no git'
elif bundle; then
	say driver.git git
	say fact.git_version "$(git --version)"
else
	say skip.git "${why}"
fi
tar_row tar-src "${TT_PARAM_src_url}" "${TT_PARAM_src_sha256}"
tar_row tar-ports "${TT_PARAM_ports_url}" "${TT_PARAM_ports_sha256}"
say fact.tar_version "$(tar --version 2>/dev/null | sed -n 1p)"
say driver.sh fork
