#!/bin/sh
#
# Before each timed run: take away what the one before made.
set -eu

cd "${TT_WORK}"
rm -f made.*
