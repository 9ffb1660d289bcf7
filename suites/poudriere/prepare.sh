#!/bin/sh
#
# Before each timed run of the row that builds one port: its dependencies, built once and kept.
# shellcheck disable=SC2034 # parameters, and variables of what is sourced
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/own.sh"

jobs=1
poudriere_words
cd "${TT_WORK}"
[ "${TT_ROW}" = one ] || exit 0
[ ! -f built ] || exit 0
bulk >poudriere.log 2>&1 || die "the first build: $(tail -n 3 poudriere.log | tr '\n' ' ')"
: >built
