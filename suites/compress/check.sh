#!/bin/sh
#
# Did the trial do the work?  What every copy made must be the text, or must become it again.
set -eu

text_digest=
for part in say digest text; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/work.sh"

cd "${TT_WORK}"
jobs=1 times=1
times_of "${TT_ROW}"
case ${TT_ROW} in
*-all) jobs_of ncpu ;;
esac
# Looked for before the text, which takes seconds to make where no setup has made it.
copy=1
while [ "${copy}" -le "${jobs}" ]; do
	[ -s "made.${copy}" ] || die "copy ${copy} of ${jobs} made nothing"
	copy=$((copy + 1))
done
text_to text "${TT_PARAM_bytes-16000000}"
copy=1
while [ "${copy}" -le "${jobs}" ]; do
	case ${TT_ROW} in
	*-d | *-d-all) digest=$(sha256_in <"made.${copy}") ;;
	*)
		unpack "${TT_IMPL}" "made.${copy}" unpacked >&2 || die "copy ${copy} of ${jobs}: what it made cannot be decompressed"
		digest=$(sha256_in <unpacked)
		bytes=$(wc -c <"made.${copy}" | tr -d ' ')
		;;
	esac
	[ "${digest}" = "${text_digest}" ] || die "copy ${copy} of ${jobs}: digest: expected ${text_digest}, got ${digest}"
	copy=$((copy + 1))
done
rm -f unpacked
say work_id "${TT_PARAM_bytes-16000000} bytes of text, seed 1, ${times} times"
say digest "${text_digest}"
say reported.compressed_bytes "${bytes-}"
