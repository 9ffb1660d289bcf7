#!/bin/sh
#
# Once, at the end: become the user's --cleanup.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/words.sh"
words_become cleanup.words
