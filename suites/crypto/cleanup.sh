#!/bin/sh
set -eu

cd "${TT_WORK}"
rm -f crypto node.path facts rsa.key rsa.pem ec.pem rsa.signature ec.signature
