#!/bin/sh
set -eu

cd "${TT_WORK}"
rm -rf made history history.bundle src.txz ports.txz ./*.list ./*.count ./*.tree list all ./*.part found missing git.log tar.log fetch.log
