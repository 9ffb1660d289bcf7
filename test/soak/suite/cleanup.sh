#!/bin/sh
set -eu
rm -rf "${TT_WORK}/left"
