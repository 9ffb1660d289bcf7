#!/bin/sh
set -eu

cd "${TT_WORK}"
rm -rf before after added in-cache listed lists ports portsnap
