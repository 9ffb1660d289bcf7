#!/bin/sh
#
# Before each timed run: as debian-src does it.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/debian-src/prepare.sh"
