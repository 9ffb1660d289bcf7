#!/bin/sh
#
# Did every copy do the work?  Each is judged as the suite hashes judges its trials.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"

jobs=
jobs_of "${TT_PARAM_copies-ncpu}"
base=${TT_SUITE_DIR}/hashes
copy=1
while [ "${copy}" -le "${jobs}" ]; do
	mkdir -p "${TT_STEP_DIR}/check.${copy}"
	cp "${TT_STEP_DIR}/copy.${copy}" "${TT_STEP_DIR}/check.${copy}/out" || die "copy ${copy} of ${jobs} left no output"
	said=$(TT_SUITE_DIR=${base} TT_ROW=${TT_ROW%-all} TT_STEP_DIR=${TT_STEP_DIR}/check.${copy} sh "${base}/check.sh") ||	\
	    die "copy ${copy} of ${jobs} did not do the work"
	rm -r "${TT_STEP_DIR}/check.${copy}"
	copy=$((copy + 1))
done
printf '%s\n' "${said}" | while IFS= read -r line; do
	case ${line} in
	# What one copy reported is not what all copies did.
	reported.*) ;;
	work_id=*) say work_id "${line#work_id=}, in each of ${TT_PARAM_copies-ncpu} copies" ;;
	*) printf '%s\n' "${line}" ;;
	esac
done
say reported.copies "${jobs}"
