#!/bin/sh
#
# Did the trial do the work?  There must be an image (of more than 20 MB by defconfig for arm64), or the part's objects,
# newer than the configuration.  An image's digest tells whether two machines with one compiler built the same.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/kernel.sh"

image='' words=''
kernel_words
cd "${TT_WORK}/build"
objects=$(find . -name '*.o' -newer .config | wc -l | tr -d ' ')
[ "${objects}" -gt 0 ] || die 'no object file was made'
if [ -n "${TT_PARAM_part}" ]; then
	[ -f "${TT_PARAM_part}built-in.a" ] || die "there is no ${TT_PARAM_part}built-in.a"
	digest=$(sha256_in <.config)
else
	least=100000
	[ "${TT_PARAM_config}" != defconfig ] || least=5000000
	[ "${TT_PARAM_config}/${TT_PARAM_arch}" != defconfig/arm64 ] || least=20000000
	[ -f "${image}" ] || die "there is no ${image}"
	bytes=$(wc -c <"${image}" | tr -d ' ')
	[ "${bytes}" -ge "${least}" ] || die "${image}: expected ${least} bytes or more, got ${bytes}"
	digest=$(sha256_in <"${image}")
	say reported.image_bytes "${bytes}"
fi
read -r source <"${TT_WORK}/source.sha256"
read -r jobs <"${TT_WORK}/jobs.number"
say reported.objects "${objects}"
say reported.jobs "${jobs}"
say work_id "source ${source}, ${words} ${TT_PARAM_config}${TT_PARAM_part:+, of which ${TT_PARAM_part}}"
say digest "${digest}"
