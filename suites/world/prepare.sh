#!/bin/sh
#
# Before each timed run: an empty folder for what is built.  Whatever is left of an earlier build would be work not done.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"

cd "${TT_WORK}"
if [ -d obj ]; then
	chflags -R noschg obj 2>/dev/null || true
	umount obj 2>/dev/null || true
	rm -rf obj
fi
mkdir obj
if [ "${TT_PARAM_tmpfs}" = yes ]; then
	mount -t tmpfs tmpfs obj || die 'no tmpfs can be mounted (that wants root)'
fi
