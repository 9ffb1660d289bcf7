#!/bin/sh
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/debian-src/cleanup.sh"
