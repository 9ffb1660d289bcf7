#!/bin/sh
#
# Before each timed run: take away what was built, but for bmake.
set -eu

cd "${TT_WORK}"
find obj -mindepth 1 -maxdepth 1 ! -name 'bmake*' -exec rm -rf {} +
