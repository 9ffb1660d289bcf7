#!/bin/sh
#
# The timed step: compress or decompress the text, once or on every processor at the same time.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/copies.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/work.sh"

## work ():
# One copy of the row.
work() {
	case ${TT_ROW} in
	*-d | *-d-all)
		while [ "${times}" -gt 0 ]; do
			unpack "${TT_IMPL}" "packed.${TT_IMPL}" "made.${copy}" || return 1
			times=$((times - 1))
		done
		;;
	*) pack "${TT_IMPL}" "made.${copy}" ;;
	esac
}

cd "${TT_WORK}"
times=1 jobs=1 copy=1
times_of "${TT_ROW}"
case ${TT_ROW} in
*-all)
	jobs_of ncpu
	copies "${jobs}" work
	;;
*) work ;;
esac
