#!/bin/sh
#
# Put a copy of what was uploaded into the working folder, then become the user's setup, if there is one.  What that
# prints is not read.
set -eu

[ ! -d "${TT_SUITE_DIR}/upload" ] || cp -R "${TT_SUITE_DIR}/upload/." "${TT_WORK}/"
read -r driver <"${TT_SUITE_DIR}/driver"
printf 'driver.command=%s\n' "${driver}"
[ -e "${TT_SUITE_DIR}/setup.words" ] || exit 0

exec >&2
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/words.sh"
words_become setup.words
