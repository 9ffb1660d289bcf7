#!/bin/sh
set -eu

cd "${TT_WORK}"
rm -rf src obj src.txz src.txz.refused jobs.number bindir bmake.log fetch.log
