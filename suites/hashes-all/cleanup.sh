#!/bin/sh
set -eu

rm -f "${TT_WORK}/evp" "${TT_WORK}/portable" "${TT_WORK}/compile.log"	\
    "${TT_WORK}/python.path" "${TT_WORK}/node.path" "${TT_WORK}/facts"
