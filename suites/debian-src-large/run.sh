#!/bin/sh
#
# The timed step: as debian-src does it.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/debian-src/run.sh"
