#!/bin/sh
set -eu

cd "${TT_WORK}"
rm -rf build source.* lists lists.new mirrors apt.log jobs.number
