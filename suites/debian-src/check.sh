#!/bin/sh
#
# Did the trial do the work?  All packages that the build says it made must be there, with the contents that it says.
set -eu

for part in say digest; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done

cd "${TT_WORK}/build" || die 'nothing was prepared'
set -- ./*.changes
if [ $# -ne 1 ] || [ ! -f "$1" ]; then
	die 'the build left no .changes'
fi
sed -n '/^Checksums-Sha256:/,/^[^ ]/s/^ \([0-9a-f]*\) [0-9]* \(.*\.u\{0,1\}deb\)$/\1 \2/p' "$1" >made
[ -s made ] || die "$1 names no package"
while read -r want file; do
	[ -f "${file}" ] || die "there is no ${file}"
	got=$(sha256_in <"${file}")
	[ "${got}" = "${want}" ] || die "${file}: expected SHA-256 ${want}, got ${got}"
	dpkg-deb -I "${file}" >/dev/null || die "${file} is no package"
done <made
read -r dsc <dsc.name
read -r jobs <../jobs.number
dsc_sha256=$(sha256_in <"../source.${TT_ROW}/${dsc}")
say reported.packages "$(wc -l <made | tr -d ' ')"
say reported.jobs "${jobs}"
say work_id "${dsc} ${dsc_sha256}, on $(dpkg --print-architecture)"
say digest "${dsc_sha256}"
