#!/bin/sh
#
# Once, at the end: the user's --cleanup takes this shell's place.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/words.sh"
words_become cleanup.words
