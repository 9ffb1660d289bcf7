#!/bin/sh
set -eu

cd "${TT_WORK}"
rm -rf tree tried made.* tree.tar tree.tar.gz tree.tar.xz tree.names tar.log
