#!/bin/sh
#
# The timed step: unpack the archive, once or on every processor at the same time.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/copies.sh"

## work ():
# One copy.
work() {
	tar -xf "tree.${TT_IMPL}" -C "made.${copy}"
}

cd "${TT_WORK}"
jobs=
case ${TT_ROW} in
*-all)
	jobs_of ncpu
	copies "${jobs}" work
	;;
*) exec tar -xf "tree.${TT_IMPL}" -C made.1 ;;
esac
