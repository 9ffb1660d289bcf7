#!/bin/sh
#
# Before each timed run: a clean tree with the configuration that will be built.
# shellcheck disable=SC2034,SC2154 # parameters, and variables of what is sourced
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/kernel.sh"

words='' goal=''
kernel_words
[ -f "${TT_WORK}/folder" ] || die 'setup prepared nothing'
read -r folder <"${TT_WORK}/folder"
cd "${TT_WORK}"
rm -rf build
mkdir build
# shellcheck disable=SC2086 # two words
make -s -C "${folder}" "O=${TT_WORK}/build" ${words} "${TT_PARAM_config}" >&2
