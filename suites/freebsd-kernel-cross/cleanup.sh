#!/bin/sh
set -eu

cd "${TT_WORK}"
rm -rf src obj src.txz jobs.number bindir bmake.log fetch.log
