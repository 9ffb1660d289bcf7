#!/bin/sh
#
# Did the trial do the work?  The summary must say that something was built and nothing failed, and the packages must be
# in the repository.  Which those are tells one amount of work from another.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done

## summed (word):
# Print the number after the last ${word} in the log.
summed() {
	sed 's/[^ -~]//g' "${TT_STEP_DIR}/out" | grep 'Failed: ' | tail -n 1 | sed -n "s/.*$1: *\([0-9][0-9]*\).*/\1/p"
}

cd "${TT_WORK}"
built=$(summed Built)
failed=$(summed Failed)
[ "${failed}" = 0 ] || die "expected \"Failed: 0\" in the summary, got \"${failed}\""
case ${built} in
'' | 0) die 'nothing was built' ;;
esac
[ "${TT_ROW}" != one ] || [ "${built}" -eq 1 ] || die "expected one port to be built, got ${built}"
find data/data/packages -path '*/All/*' -name '*.pkg' 2>/dev/null | sed 's|.*/||' | LC_ALL=C sort -u >packages
[ -s packages ] || die 'there is no package in the repository'
id=$(sha256_in <packages)
say reported.packages "$(wc -l <packages | tr -d ' ')"
say reported.built "${built}"
say work_id "${TT_PARAM_origin}, ${id}"
say digest "${id}"
rm -f packages
