#!/bin/sh
set -eu

rm -f "${TT_WORK}/node.path" "${TT_WORK}/node.version"
