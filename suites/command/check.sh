#!/bin/sh
#
# Say which work the row is; then let the user's check, if there is one, say whether it was done.  What that prints
# is not read.
set -eu

read -r work_id <"${TT_SUITE_DIR}/${TT_ROW}.id"
printf 'work_id=%s\n' "${work_id}"
[ -e "${TT_SUITE_DIR}/check.words" ] || exit 0

exec >&2
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/words.sh"
words_become check.words
