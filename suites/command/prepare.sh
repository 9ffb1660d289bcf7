#!/bin/sh
#
# Before each timed run: the user's --prepare takes this shell's place.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/words.sh"
words_become prepare.words
