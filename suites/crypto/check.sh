#!/bin/sh
#
# Did the trial do the work?  Every unit of every copy must have printed the digest that is known for its row.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/known.sh"

## judge (file, who):
# Compare one copy's output with what it must be.
judge() {
	_judge_seen=0
	while IFS= read -r _judge_line || [ -n "${_judge_line}" ]; do
		[ "${_judge_line}" = "Digest = ${want}" ] || die "$2: expected \"Digest = ${want}\", got \"${_judge_line}\""
		_judge_seen=$((_judge_seen + 1))
	done <"$1"
	[ "${_judge_seen}" -eq "${TT_PARAM_units-20}" ] || die "$2: expected ${TT_PARAM_units-20} digests, got ${_judge_seen}"
}

want=
known "${TT_ROW%-all}" || die 'there is no such row'
case ${TT_ROW} in
*-all)
	jobs=1
	jobs_of ncpu
	copy=1
	while [ "${copy}" -le "${jobs}" ]; do
		judge "${TT_STEP_DIR}/copy.${copy}" "copy ${copy} of ${jobs}"
		copy=$((copy + 1))
	done
	;;
*) judge "${TT_STEP_DIR}/out" 'the trial' ;;
esac
say work_id "${TT_PARAM_units-20} units"
say digest "${want}"
