#!/bin/sh
#
# Did the trial do the work?
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/git.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/tree.sh"

## cloned (head):
# Is made/ a whole clone whose last commit is ${head} (any, where that is empty)?
cloned() {
	_cloned_head=$(git_own -C made rev-parse --verify -q HEAD) || die 'no repository was made'
	[ -z "$1" ] || [ "${_cloned_head}" = "$1" ] || die "last commit: expected $1, got ${_cloned_head}"
	git_own -C made fsck --connectivity-only >git.log 2>&1 || die "git fsck: $(tail -n 1 git.log)"
	[ -z "$(git_own -C made status --porcelain | sed -n 1p)" ] || die 'the files are not those of the commit'
	rm -f git.log
	say work_id "${_cloned_head}, pack.threads=${TT_PARAM_threads}"
	say digest "${_cloned_head}"
}

## unpacked (name):
# Is all that is in the archive in made/, with the contents that it has?  Those are what setup unpacked, and part of the
# work's identity: two sides pair only where both got the same.
unpacked() {
	(cd made && find . | sed 's|^\./||; /^\.$/d' | LC_ALL=C sort -u) >found
	LC_ALL=C comm -23 "$1.list" found >missing
	[ ! -s missing ] || die "$(wc -l <missing | tr -d ' ') entries were not unpacked, such as $(sed -n 1p missing)"
	read -r _unpacked_count <"$1.count"
	[ "$(wc -l <found)" -ge "${_unpacked_count}" ] || die "expected ${_unpacked_count} entries, got $(wc -l <found | tr -d ' ')"
	read -r _unpacked_want <"$1.tree"
	_unpacked_got=$(tree_of made)
	[ "${_unpacked_got}" = "${_unpacked_want}" ] || die "expected ${_unpacked_want}, got ${_unpacked_got}"
	say reported.entries "${_unpacked_count}"
	rm -f found missing
	say work_id "$1.txz $(sha256_in <"$1.txz"): ${_unpacked_got}"
	say digest "${_unpacked_got##* }"
}

cd "${TT_WORK}"
bundle_head=
case ${TT_ROW} in
git-clone-src) cloned "${TT_PARAM_git_head}" ;;
git-clone-local)
	bundle_known "${TT_PARAM_commits}"
	cloned "${bundle_head}"
	;;
tar-src | tar-ports) unpacked "${TT_ROW#tar-}" ;;
forks)
	[ "$(cat "${TT_STEP_DIR}/out")" = "Forks = ${TT_PARAM_forks}" ] || die "expected \"Forks = ${TT_PARAM_forks}\""
	say work_id "${TT_PARAM_forks} forks"
	;;
*) die 'there is no such row' ;;
esac
