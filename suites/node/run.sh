#!/bin/sh
#
# The timed step: become node with the trial.  What stands before the exec is timed too, so it forks nothing.
set -eu

case ${TT_PARAM_iterations-50} in
'' | 0* | *[!0-9]* | ??????*)
	echo "node: iterations: expected a whole number from 1 to 99999, got \"${TT_PARAM_iterations-}\"" >&2
	exit 2
	;;
esac
if [ ! -f "${TT_WORK}/node.path" ]; then
	echo "node: setup found no node" >&2
	exit 2
fi
read -r node <"${TT_WORK}/node.path"
exec "${node}" "${TT_SUITE_DIR}/trial.mjs" "${TT_ROW}" "${TT_PARAM_iterations-50}"
