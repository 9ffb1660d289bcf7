#!/bin/sh
#
# The timed step: the triad, once or on every processor at the same time.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/copies.sh"

case ${TT_ROW} in
triad) exec "${TT_WORK}/triad" "${TT_PARAM_mib}" "${TT_PARAM_rounds}" ;;
triad-all)
	jobs=
	jobs_of ncpu
	copies "${jobs}" "${TT_WORK}/triad" "${TT_PARAM_mib}" "${TT_PARAM_rounds}"
	;;
*) die 'there is no such row' ;;
esac
