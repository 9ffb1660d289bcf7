#!/bin/sh
#
# The timed step: become the user's command.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/words.sh"
words_become "${TT_ROW}.words"
