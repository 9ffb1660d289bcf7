#!/bin/sh
#
# Did the trial do the work?  Every copy must have all files, with the contents that are known.
set -eu

tree_want=
for part in say digest; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/tree.sh"

cd "${TT_WORK}"
tree_known "${TT_PARAM_files-4000}"
jobs=1
case ${TT_ROW} in
*-all) jobs_of ncpu ;;
esac
copy=1
while [ "${copy}" -le "${jobs}" ]; do
	digest=$(tree_digest "made.${copy}")
	[ "${digest}" = "${tree_want}" ] || die "copy ${copy} of ${jobs}: digest: expected ${tree_want}, got ${digest}"
	copy=$((copy + 1))
done
say work_id "${TT_PARAM_files-4000} files of text, seeds 2 and 3"
say digest "${tree_want}"
