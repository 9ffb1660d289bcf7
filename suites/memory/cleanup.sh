#!/bin/sh
set -eu

rm -f "${TT_WORK}/triad" "${TT_WORK}/cache.kib"
