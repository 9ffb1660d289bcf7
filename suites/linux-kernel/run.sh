#!/bin/sh
#
# The timed step: make the image, for one architecture whatever the host is.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/watch.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/kernel.sh"

words='' goal=''
kernel_words
[ -f "${TT_WORK}/folder" ] || die 'setup prepared nothing'
read -r folder <"${TT_WORK}/folder"
read -r jobs <"${TT_WORK}/jobs.number"
# What a build writes into itself must not differ: who, where, when.
export KBUILD_BUILD_USER=trial KBUILD_BUILD_HOST=trial KBUILD_BUILD_TIMESTAMP='2022-01-01 00:00:00 +0000' KBUILD_BUILD_VERSION=1
cd "${TT_WORK}/${folder}"
# shellcheck disable=SC2086 # two words
watched '^  [A-Z]' make "O=${TT_WORK}/build" ${words} "-j${jobs}" "${goal}"
