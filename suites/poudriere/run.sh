#!/bin/sh
#
# The timed step: build the port and all that it depends on anew (all), or the port alone (one).
# shellcheck disable=SC2034 # parameters, and variables of what is sourced
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/watch.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/own.sh"

jobs=
poudriere_words
case ${TT_ROW} in
all) watched ' Building \| Finished ' bulk -c ;;
one) watched ' Building \| Finished ' bulk -C ;;
*) die 'there is no such row' ;;
esac
