#!/bin/sh
#
# Is it the number that all awks agree on?
set -eu
case ${TT_ROW} in
seven) want=515544634 ;;
*) want=1485692006 ;;
esac
read -r found <"${TT_STEP_DIR}/out"
if [ "${found}" != "${want}" ]; then
	echo "soak: ${TT_ROW}: expected ${want}, got ${found}" >&2
	exit 1
fi
echo "digest=${found}"
