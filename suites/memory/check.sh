#!/bin/sh
#
# Did the trial do the work?  Every round of every copy must have printed the one sum that it can have.  An element of
# the last array is (i mod 8, i mod 4) carried through ten passes in whole numbers; eight neighbours sum up to 166128.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"

## judge (file, who):
# Compare one copy's output with what it must be.  Adds its bandwidth to ${total}, in MB/s.
judge() {
	_judge_seen=0
	_judge_best=
	while IFS= read -r _judge_line || [ -n "${_judge_line}" ]; do
		case ${_judge_line} in
		"Sum = ${want}") _judge_seen=$((_judge_seen + 1)) ;;
		"Best = "*" bytes/second")
			[ -z "${_judge_best}" ] || die "$2: two lines of Best"
			_judge_best=${_judge_line#Best = }
			_judge_best=${_judge_best% bytes/second}
			case ${_judge_best} in
			*[!0-9]* | '' | ??????????????????*) die "$2: expected bytes/second, got \"${_judge_line}\"" ;;
			esac
			;;
		*) die "$2: expected \"Sum = ${want}\", got \"${_judge_line}\"" ;;
		esac
	done <"$1"
	[ "${_judge_seen}" -eq "${TT_PARAM_rounds}" ] || die "$2: expected ${TT_PARAM_rounds} sums, got ${_judge_seen}"
	[ -n "${_judge_best}" ] || die "$2: no line of Best"
	total=$((total + _judge_best / 1000000))
}

want=$((TT_PARAM_mib * 166128 / 64))
total=0
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
*) judge "${TT_STEP_DIR}/out" triad ;;
esac
say work_id "three arrays of ${TT_PARAM_mib} MiB, ${TT_PARAM_rounds} rounds of ten passes"
say digest "${want}"
say reported.best_mb_s "${total}"
kib=
{ [ -f "${TT_WORK}/cache.kib" ] && read -r kib <"${TT_WORK}/cache.kib"; } || kib=
[ -z "${kib}" ] || say reported.array_to_last_cache "$((TT_PARAM_mib * 1024 / kib))"
