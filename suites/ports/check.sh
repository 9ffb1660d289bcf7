#!/bin/sh
#
# Did the trial do the work?  The package must be there and whole.  What was installed beside it tells one amount of work
# from another.  Where something was fetched on the clock the work is done, but its time is not the machine's: tainted.
# shellcheck disable=SC2034 # parameters, and variables of what is sourced
set -eu

for part in say digest; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/port.sh"

package='' origin=''
port_of "${TT_ROW}"
cd "${TT_WORK}"
pkg info -e "${package}" || die "${package} is not installed"
pkg check -s "${package}" >&2 || die "${package}: pkg check finds changed files"
pkg query -a '%n-%v' | LC_ALL=C sort >after
LC_ALL=C comm -13 before after >added
[ -s added ] || die 'nothing was installed'
id=$(sha256_in <added)
read -r jobs <jobs.number
say reported.packages "$(wc -l <added | tr -d ' ')"
say reported.jobs "${jobs}"
fetched=$(grep -c '^=> Attempting to fetch' "${TT_STEP_DIR}/out") || true
if [ "${fetched}" -gt 0 ]; then
	say reported.fetched "${fetched}"
	say reported.fetched_first "$(grep '^=> Attempting to fetch' "${TT_STEP_DIR}/out" | sed -n 1p)"
	say tainted fetch
fi
say work_id "${id}"
say digest "${id}"
rm -f after added
