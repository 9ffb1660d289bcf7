#!/bin/sh
#
# Untimed: as the suite hashes does it, whose files come with this one.
set -eu

TT_SUITE_DIR=${TT_SUITE_DIR}/hashes
export TT_SUITE_DIR
exec sh "${TT_SUITE_DIR}/setup.sh"
