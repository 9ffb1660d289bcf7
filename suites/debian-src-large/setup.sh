#!/bin/sh
#
# Untimed: as the suite debian-src does it, whose files come with this one.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/debian-src/setup.sh"
