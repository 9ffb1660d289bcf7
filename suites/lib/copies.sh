# Sourced, after say.sh: runs copies of the same work at the same time.
# shellcheck shell=sh

## copies (number, cmd, ...):
# Run ${cmd} ${number} times at once, as so many processes, and wait for all.  Each finds its number, from 1 up, in
# ${copy}, and has its output in ${TT_STEP_DIR}/copy.NUMBER and .err.  ${cmd} may be a function.  1 if any failed, with
# what the first of them said on standard error.
copies() {
	_copies_number=$1
	shift
	_copies_pids=
	copy=1
	while [ "${copy}" -le "${_copies_number}" ]; do
		"$@" >"${TT_STEP_DIR}/copy.${copy}" 2>"${TT_STEP_DIR}/copy.${copy}.err" </dev/null &
		_copies_pids="${_copies_pids} $!"
		copy=$((copy + 1))
	done
	_copies_failed=0
	copy=1
	for _copies_pid in ${_copies_pids}; do
		if ! wait "${_copies_pid}" && [ "${_copies_failed}" -eq 0 ]; then
			_copies_failed=${copy}
		fi
		copy=$((copy + 1))
	done
	[ "${_copies_failed}" -ne 0 ] || return 0
	echo "copy ${_copies_failed} of ${_copies_number} failed" >&2
	tail -n 5 "${TT_STEP_DIR}/copy.${_copies_failed}.err" >&2
	return 1
}
