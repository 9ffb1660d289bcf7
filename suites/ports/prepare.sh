#!/bin/sh
#
# Before the timed run: all files of the port and of all that it depends on, fetched and checked.  The machine must be one
# that was just launched; nothing is removed from it, since what came with its image may be what keeps it reachable.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/watch.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/port.sh"

package='' origin=''
port_of "${TT_ROW}"
if pkg -N >/dev/null 2>&1; then
	if pkg info -e "${package}"; then
		die "${package} is installed already: this row wants a machine that was just launched"
	fi
	pkg query -a '%n-%v' | LC_ALL=C sort >"${TT_WORK}/before"
else
	: >"${TT_WORK}/before"
fi
cd "${TT_WORK}"
rm -rf wrk
mkdir -p wrk distfiles
never=$(port_make -V BROKEN -V IGNORE -V IS_INTERACTIVE | tr '\n' ' ') || die "make cannot read the port ${origin}"
case ${never} in
*[!\ ]*) die "${origin} cannot be built: ${never}" ;;
esac
port_make fetch-recursive >fetch.log 2>&1 || die "fetch-recursive: $(tail -n 3 fetch.log | tr '\n' ' ')"
port_make checksum-recursive >fetch.log 2>&1 || die "checksum-recursive: $(tail -n 3 fetch.log | tr '\n' ' ')"
