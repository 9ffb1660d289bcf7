#!/bin/sh
#
# Did the trial do the work?  As debian-src judges it: all packages that the build says it made must be there.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/debian-src/check.sh"
