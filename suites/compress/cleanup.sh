#!/bin/sh
set -eu

cd "${TT_WORK}"
rm -f text unpacked pack.log made.* packed.* zstd.command xz.command 7z.command
