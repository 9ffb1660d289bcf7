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

## archives ():
# Have both archives of the release, with lists of what is in them.  Reads each once, so that it is in memory.
archives() {
	for _archives_file in src.txz ports.txz; do
		case ${_archives_file} in
		src.txz) set -- "${TT_PARAM_src_url}" "${TT_PARAM_src_sha256}" ;;
		*) set -- "${TT_PARAM_ports_url}" "${TT_PARAM_ports_sha256}" ;;
		esac
		release_have "${_archives_file}" "${TT_PARAM_release}" "$1" "$2" || return 1
		why="${_archives_file}: tar does not list it"
		tar -tf "${_archives_file}" 2>tar.log >list || return 1
		sed 's|^\./||; s|/$||; /^\.*$/d' list | LC_ALL=C sort -u >all
		wc -l <all | tr -d ' ' >"${_archives_file%.txz}.count"
		# Names with other characters are written otherwise by each tar: they are counted only.
		sed '/\\/d; /[^ -~]/d' all >"${_archives_file%.txz}.list"
		rm -f list all tar.log
	done
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
if ! has tar; then
	say skip.tar 'no tar'
elif archives; then
	case $(tar --version 2>/dev/null) in
	*"GNU tar"*) say driver.tar gnu ;;
	bsdtar*) say driver.tar bsd ;;
	*) say driver.tar tar ;;
	esac
	say fact.tar_version "$(tar --version 2>/dev/null | sed -n 1p)"
else
	say skip.tar "${why}"
fi
say driver.sh fork
