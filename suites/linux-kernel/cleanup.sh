#!/bin/sh
set -eu

cd "${TT_WORK}"
rm -rf src build source.tar.xz source.sha256 tarball folder jobs.number fetch.log
