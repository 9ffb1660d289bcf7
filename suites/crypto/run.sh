#!/bin/sh
#
# The timed step: become the program, or run one on every processor at the same time.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/copies.sh"

whole units "${TT_PARAM_units-20}" 1 1000000
case ${TT_DRIVER} in
c)
	[ -f "${TT_WORK}/crypto" ] || die 'setup did not choose the driver c'
	set -- "${TT_WORK}/crypto"
	;;
node)
	[ -f "${TT_WORK}/node.path" ] || die 'setup did not choose the driver node'
	read -r node <"${TT_WORK}/node.path"
	set -- "${node}" "${TT_SUITE_DIR}/crypto.mjs"
	;;
*) die "there is no driver \"${TT_DRIVER}\"" ;;
esac
set -- "$@" "${TT_ROW%-all}" "${TT_PARAM_units-20}" "${TT_WORK}"
case ${TT_ROW} in
*-all)
	jobs=
	jobs_of ncpu
	copies "${jobs}" "$@"
	;;
*) exec "$@" ;;
esac
