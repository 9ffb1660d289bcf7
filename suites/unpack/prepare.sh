#!/bin/sh
#
# Before each timed run: take away what the one before unpacked, read the archive once, and make the folders.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"

cd "${TT_WORK}"
rm -rf made.*
cat "tree.${TT_IMPL}" >/dev/null
jobs=1
case ${TT_ROW} in
*-all) jobs_of ncpu ;;
esac
copy=1
while [ "${copy}" -le "${jobs}" ]; do
	mkdir "made.${copy}"
	copy=$((copy + 1))
done
