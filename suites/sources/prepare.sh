#!/bin/sh
#
# Before each timed run: take away what the one before made.  That is slow, and no part of the work.
set -eu

cd "${TT_WORK}"
rm -rf made
case ${TT_ROW} in
tar-*) mkdir made ;;
esac
