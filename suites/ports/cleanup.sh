#!/bin/sh
#
# What was built goes; what was installed stays: the machine is not clean any more.
set -eu

cd "${TT_WORK}"
rm -rf wrk tree distfiles ports.txz before fetch.log jobs.number
