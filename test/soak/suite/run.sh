#!/bin/sh
#
# 150000 numbers of a generator, the last one printed.  A short line that is appended comes whole or not at all.  The
# journal gets a second name outside of the machine, whose disk goes with it; on a disk of its own (disk-full) it cannot.
set -eu
if [ -n "${TT_PARAM_kept}" ]; then
	echo "${TT_STEP_DIR}" >>"${TT_PARAM_kept}/steps.log"
	batch=${TT_STEP_DIR%/*}
	ln -f "${batch}/journal" "${TT_PARAM_kept}/${TIMETRIAL_INSTANCE:-none}.${batch##*/}" 2>/dev/null || :
fi
case ${TT_ROW} in
seven) first=7 ;;
*) first=11 ;;
esac
exec awk -v "x=${first}" 'BEGIN { for (n = 1; n <= 150000; n++) x = (x * 16807 + 1) % 2147483647; printf "%d\n", x }'
