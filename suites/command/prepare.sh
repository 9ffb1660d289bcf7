#!/bin/sh
#
# Before each timed run: become the user's --prepare.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/words.sh"
words_become prepare.words
