#!/bin/sh
#
# 150000 numbers of a generator, the last one printed.  A short line that is appended comes whole or not at all.
set -eu
[ -z "${TT_PARAM_log}" ] || echo "${TT_STEP_DIR}" >>"${TT_PARAM_log}"
case ${TT_ROW} in
seven) first=7 ;;
*) first=11 ;;
esac
exec awk -v "x=${first}" 'BEGIN { for (n = 1; n <= 150000; n++) x = (x * 16807 + 1) % 2147483647; printf "%d\n", x }'
