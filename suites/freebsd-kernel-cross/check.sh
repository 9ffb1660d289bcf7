#!/bin/sh
#
# Did the trial do the work?  There must be a kernel for arm64.
set -eu

for part in say digest; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done

cd "${TT_WORK}"
kernel=$(find obj -type f -path '*/sys/GENERIC/kernel' | sed -n 1p)
[ -n "${kernel}" ] || die 'there is no kernel below sys/GENERIC'
# ELF, 64 bits, little endian; machine 183 (EM_AARCH64) at byte 18.
case $(od -An -tx1 -N 20 "${kernel}" | tr -d ' \n') in
7f454c460201*b700) ;;
*) die "${kernel} is no ELF file for arm64" ;;
esac
read -r jobs <jobs.number
say reported.jobs "${jobs}"
say work_id "src $(sha256_in <src.txz), arm64/aarch64 GENERIC without modules"
say digest "$(sha256_in <"${kernel}")"
