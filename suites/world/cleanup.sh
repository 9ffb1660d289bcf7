#!/bin/sh
set -eu

cd "${TT_WORK}"
chflags -R noschg obj 2>/dev/null || true
umount obj 2>/dev/null || true
rm -rf src obj src.txz jobs.number fetch.log
