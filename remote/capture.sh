#!/bin/sh
#
# Times a step: by the C helper, else by Python, else by the shell's own `times`.  Sourced, after host.sh.
# shellcheck disable=SC2034,SC2154 # variables are shared with the other files

## capture_choose ():
# Set ${tt_capture} to cc, python3 or times, the resolutions of its clocks, and ${tt_fixed_s}, the time that it adds to
# each real time; empty where it adds none.  TIMETRIAL_CAPTURE forces a capture.  Fails where that one is not available.
capture_choose() {
	[ -d "${tt_home}/capture" ] || mkdir -p "${tt_home}/capture"
	tt_real_resolution_s=0.000001
	tt_cpu_resolution_s=0.000001
	tt_fixed_s=
	for tt_capture in cc python3 times; do
		case ${tt_capture_wanted:-${tt_capture}} in
		"${tt_capture}") ! "capture_try_${tt_capture}" || return 0 ;;
		esac
	done
	return 1
}

## capture_try_cc ():
# Compile the helper and test it, unless a tested one exists. Its name has the digest of the archive that its source came
# in, which no process need find out; the checksum of its source where that came in none.
capture_try_cc() {
	case ${tt_agent} in
	"${tt_home}/ship/"*) _try_sum=${tt_agent##*/} ;;
	*)
		_try_sum=$(cat "${tt_agent}/capture.c" "${tt_agent}"/counters.[ch] | cksum) ||
			_try_sum=$(cat "${tt_agent}/capture.c" "${tt_agent}"/counters.[ch] | tt_sha256) || return 1
		;;
	esac
	tt_helper=${tt_home}/capture/helper.${_try_sum%% *}
	[ ! -x "${tt_helper}" ] || return 0
	for _try_cc in cc gcc clang; do
		command -v "${_try_cc}" >/dev/null 2>&1 || continue
		_try_new=${tt_helper}.new.$$
		"${_try_cc}" -O2 -o "${_try_new}" "${tt_agent}/capture.c" "${tt_agent}/counters.c" >"${tt_home}/capture/cc.log" 2>&1 &&
			capture_proved "${_try_new}" && mv -f "${_try_new}" "${tt_helper}" && return 0
		rm -f "${_try_new}"
	done
	return 1
}

## capture_clock_hz ():
# Set ${tt_clock_hz} to the clock at which a CPU of ours runs; empty where the helper is not compiled or cannot tell.
capture_clock_hz() {
	tt_clock_hz=
	[ "${tt_capture}" = cc ] || return 0
	_hz=$("${tt_helper}" --clock 2>/dev/null) || return 0
	case ${_hz#clock_hz=} in
	'' | *[!0-9]*) ;;
	*) tt_clock_hz=${_hz#clock_hz=} ;;
	esac
}

## capture_try_python3 ():
# Find the interpreter itself: python3 on PATH may be a script that looks for it.
capture_try_python3() {
	command -v python3 >/dev/null 2>&1 || return 1
	tt_python=$(python3 -I -c 'import sys; print(sys.executable)' 2>/dev/null) || return 1
	capture_proved "${tt_python}" -I -S "${tt_agent}/capture.py" || return 1
	capture_fixed python3 "${tt_python}" -I -S "${tt_agent}/capture.py" --fixed "${tt_home}/capture/fixed.$$"
}

## capture_fixed (name, cmd, ...):
# Set ${tt_fixed_s}: the time that this capture adds to every real time, in seconds, as ${cmd} prints it.  It is measured
# once per machine, since it does not depend on the run.
capture_fixed() {
	_fixed_file=${tt_home}/capture/fixed.$1
	shift
	if [ ! -s "${_fixed_file}" ]; then
		"$@" >"${_fixed_file}.$$" 2>/dev/null || :
		mv -f "${_fixed_file}.$$" "${_fixed_file}"
	fi
	read -r tt_fixed_s <"${_fixed_file}" || tt_fixed_s=
	case ${tt_fixed_s} in
	*[!0-9.]*) tt_fixed_s= ;;
	esac
}

## capture_proved (cmd, ...):
# Does this capture distinguish `true` from `exit 7`?
capture_proved() {
	_proved_record=${tt_home}/capture/proof.$$
	_proved=1
	if "$@" "${_proved_record}" 9 true </dev/null >/dev/null 2>&1 &&
	    grep -qx exit_status=0 "${_proved_record}" && grep -q '^real_s=0\.' "${_proved_record}" &&
	    "$@" "${_proved_record}" 9 sh -c 'exit 7' </dev/null >/dev/null 2>&1 &&
	    grep -qx exit_status=7 "${_proved_record}"; then
		_proved=0
	fi
	rm -f "${_proved_record}"
	return "${_proved}"
}

## capture_try_times ():
# Choose the best real clock, and determine the resolutions of it and of `times`.
capture_try_times() {
	tt_clock='date'
	tt_real_resolution_s=1
	tt_clock_file=${tt_home}/capture/clock.$$
	case $(date +%s%N 2>/dev/null) in
	'' | *[!0-9]*)
		if [ -r /proc/uptime ]; then
			tt_clock=uptime tt_real_resolution_s=0.01
		elif capture_file_clock; then
			tt_clock='file'
		fi
		;;
	???????????????????) tt_clock=date-ns ;;
	esac
	case ${tt_clock} in
	date-ns | file)
		# Reading it takes a process, so its resolution is the time between two readings in a row.
		capture_clock
		_try_before=${tt_reading}
		capture_clock
		capture_apart "${_try_before}" "${tt_reading}"
		tt_real_resolution_s=${tt_apart:-0.01}
		;;
	esac
	_try_sh=$(command -v sh)
	_try_sh=$(readlink -f "${_try_sh}" 2>/dev/null) || :
	_try_file=${tt_home}/capture/times.${_try_sh##*/}
	if [ ! -s "${_try_file}" ]; then
		capture_times_step >"${_try_file}.$$"
		mv -f "${_try_file}.$$" "${_try_file}"
	fi
	read -r tt_cpu_resolution_s <"${_try_file}"
	case ${tt_clock} in
	date-ns | file) capture_fixed "times.${_try_sh##*/}" capture_times_fixed ;;
	esac
	rm -f "${tt_clock_file}"
}

## capture_file_clock ():
# Does stat give the time at which a file changed with six decimals or more, as FreeBSD's does?  The date of FreeBSD 13.2
# gives whole seconds.
capture_file_clock() {
	case $(: >"${tt_clock_file}" && stat -f %Fm "${tt_clock_file}" 2>/dev/null) in
	*[!0-9.]* | *.*.*) return 1 ;;
	[1-9]*.??????*) return 0 ;;
	*) return 1 ;;
	esac
}

## capture_times_fixed ():
# Print the median real time of 11 null commands in this shell: the cost of its clock and of `times`.
capture_times_fixed() (
	_captured_record=${tt_home}/capture/fixed.$$
	_captured_out=/dev/null
	_captured_err=/dev/null
	_fixed_left=11
	while [ "${_fixed_left}" -gt 0 ]; do
		_fixed_left=$((_fixed_left - 1))
		capture_span :
		echo "${tt_apart:-0}"
	done | sort -n | sed -n 6p
	rm -f "${_captured_record}.before" "${_captured_record}.after"
)

## capture_times_step ():
# Print the smallest step, in seconds, of this shell's `times` while the shell is busy.
capture_times_step() (
	_step_file=${tt_home}/capture/step.$$
	_step_least=1000000 _step_seen=0 _step_last='' _step_i=0
	while [ "${_step_seen}" -lt 4 ] && [ "${_step_i}" -lt 20000 ]; do
		_step_i=$((_step_i + 1))
		times >"${_step_file}"
		read -r _step_user _step_system <"${_step_file}"
		[ "${_step_user}${_step_system}" != "${_step_last}" ] || continue
		_step_last=${_step_user}${_step_system}
		capture_reading "${_step_user}"
		_step_us=1${tt_reading#* }
		capture_reading "${_step_system}"
		_step_us=$((_step_us + 1${tt_reading#* }))
		if [ "${_step_seen}" -gt 0 ] && [ "$((_step_us - _step_before))" -gt 0 ] &&
		    [ "$((_step_us - _step_before))" -lt "${_step_least}" ]; then
			_step_least=$((_step_us - _step_before))
		fi
		_step_before=${_step_us}
		_step_seen=$((_step_seen + 1))
	done
	rm -f "${_step_file}"
	[ "${_step_least}" -lt 1000000 ] || _step_least=10000
	_step_least=$((1000000 + _step_least))
	echo "0.${_step_least#1}"
)

## capture_clock ():
# Set ${tt_reading} to the real clock's reading: "seconds microseconds", the latter with six digits.
capture_clock() {
	case ${tt_clock} in
	date-ns)
		_clock=$(date +%s%N)
		tt_reading=${_clock%?????????}
		_clock=${_clock#"${tt_reading}"}
		tt_reading="${tt_reading} ${_clock%???}"
		;;
	file)
		: >"${tt_clock_file}"
		_clock=$(stat -f %Fm "${tt_clock_file}")
		tt_reading=${_clock#*.}
		tt_reading="${_clock%.*} ${tt_reading%"${tt_reading#??????}"}"
		;;
	uptime)
		read -r _clock _ </proc/uptime
		tt_reading="${_clock%.*} ${_clock#*.}0000"
		;;
	*) tt_reading="$(date +%s) 000000" ;;
	esac
}

## capture_reading (time):
# Convert a time of `times`, such as 1m2.34s, to the form of capture_clock in ${tt_reading}.
capture_reading() {
	_reading=${1#*m}
	_reading=${_reading%s}
	_reading_us=${_reading#*.}000000
	_reading_s=${_reading%%.*}
	_reading_s=${_reading_s#0}
	tt_reading="$((${1%%m*} * 60 + ${_reading_s:-0})) ${_reading_us%"${_reading_us#??????}"}"
}

## capture_apart (reading, reading):
# Set ${tt_apart} to the seconds from the first to the second reading, as 1.234567; empty where they go backwards.
capture_apart() {
	_apart_s=$((${2% *} - ${1% *}))
	_apart_us=$((1${2#* } - 1${1#* }))
	[ "${_apart_us}" -ge 0 ] || _apart_s=$((_apart_s - 1)) _apart_us=$((_apart_us + 1000000))
	_apart_us=$((_apart_us + 1000000))
	tt_apart=${_apart_s}.${_apart_us#1}
	[ "${_apart_s}" -ge 0 ] || tt_apart=
}

## captured (record, limit_s, out, err, cmd, ...):
# Run ${cmd} with its output to ${out} and ${err}, and write its measurements to ${record}; no record where that failed.
# ${cmd} may be -w FILE: the folder and the words of a command, which are read before the clock starts.
captured() {
	_captured_record=$1
	_captured_limit=$2
	_captured_out=$3
	_captured_err=$4
	shift 4
	case ${tt_capture} in
	cc)
		"${tt_helper}" "${_captured_record}" "${_captured_limit}" "$@" \
		    </dev/null >"${_captured_out}" 2>"${_captured_err}" || :
		;;
	python3)
		"${tt_python}" -I -S "${tt_agent}/capture.py" "${_captured_record}" "${_captured_limit}" "$@" \
		    </dev/null >"${_captured_out}" 2>"${_captured_err}" || :
		;;
	times) captured_by_times "$@" ;;
	esac
}

## captured_by_times (cmd, ...):
# The same by the shell.  A subshell has no children before ${cmd}, and forks nothing between its two readings of
# `times`.  For the limit, a waiting process reads a fifo until a sleep ends, so that cancelling it leaves no process
# behind.  The sleep has the step's mark: a cleanup after a dead supervisor kills it, which ends the waiting process
# as well.
captured_by_times() {
	_by_fifo=${_captured_record}.limit
	tt_clock_file=${_captured_record}.clock
	rm -f "${_by_fifo}"
	mkfifo "${_by_fifo}"
	sleep "${_captured_limit}" >"${_by_fifo}" 2>/dev/null &
	_by_timer=$!
	(
		read -r _ || { : >"${_captured_record}.late"; host_kill_marked "${TT_STEP_DIR}"; }
	) <"${_by_fifo}" >/dev/null 2>&1 &
	_by_dog=$!

	(
		if [ "$1" = -w ]; then
			# shellcheck source=/dev/null
			. "${TT_SUITE_DIR}/words.sh"
			words_call capture_words "$2"
		else
			capture_span "$@"
		fi
		[ -z "${tt_apart}" ] || capture_record "${_span_status}" >"${_captured_record}.new"
	) || :

	# The waiting process is killed first: after a command of a millisecond it may not have opened the fifo yet, and would
	# block on it.  KILL, since mksh loses a TERM that arrives before its child has executed the sleep.
	{
		[ -e "${_captured_record}.late" ] || kill -KILL "${_by_dog}"
		kill -KILL "${_by_timer}"
		wait "${_by_timer}"
		wait "${_by_dog}"
	} 2>/dev/null || :
	host_kill_marked "${TT_STEP_DIR}"
	if [ -e "${_captured_record}.late" ]; then
		echo ended_by=limit >>"${_captured_record}.new"
	elif [ -s "${_captured_record}.new" ]; then
		echo "orphans=${tt_killed}" >>"${_captured_record}.new"
		[ -z "${tt_killed_command}" ] || echo "orphan_command=${tt_killed_command}" >>"${_captured_record}.new"
	fi
	{ mv -f "${_captured_record}.new" "${_captured_record}"; } 2>/dev/null || :
	rm -f "${_by_fifo}" "${tt_clock_file}" "${_captured_record}.before" "${_captured_record}.after" "${_captured_record}.late"
}

## capture_words (folder, cmd, ...):
# Time a command of the user's, in its folder.
capture_words() {
	if [ -n "$1" ] && ! cd "$1" 2>/dev/null; then
		echo 'exec_error=its folder: No such file or directory' >"${_captured_record}.new"
		tt_apart=
		return 0
	fi
	shift
	capture_span "$@"
}

## capture_span (cmd, ...):
# Run ${cmd} between two readings of the clock.  Sets ${tt_apart} and ${_span_status}.
capture_span() {
	capture_clock
	_span_real=${tt_reading}
	times >"${_captured_record}.before"
	_span_status=0
	"$@" </dev/null >"${_captured_out}" 2>"${_captured_err}" || _span_status=$?
	times >"${_captured_record}.after"
	capture_clock
	capture_apart "${_span_real}" "${tt_reading}"
}

## capture_record (status):
# Print the record.  The second line of `times` is the children's.
capture_record() {
	echo "real_s=${tt_apart}"
	{ read -r _ && read -r _record_user0 _record_system0; } <"${_captured_record}.before"
	{ read -r _ && read -r _record_user1 _record_system1; } <"${_captured_record}.after"
	for _record_name in user system; do
		case ${_record_name} in
		user) _record_from=${_record_user0} _record_to=${_record_user1} ;;
		*) _record_from=${_record_system0} _record_to=${_record_system1} ;;
		esac
		capture_reading "${_record_from}"
		_record_from=${tt_reading}
		capture_reading "${_record_to}"
		capture_apart "${_record_from}" "${tt_reading}"
		echo "${_record_name}_s=${tt_apart:-0.000000}"
	done
	echo "exit_status=$1"
	echo "out_bytes=$(($(cat "${_captured_out}" "${_captured_err}" | wc -c)))"
}

## capture_read (record):
# Set ${tt_rec_NAME} for every known NAME of the record; ${tt_rec} is empty where there is no whole record.
capture_read() {
	tt_rec='' tt_rec_real_s='' tt_rec_user_s='' tt_rec_system_s='' tt_rec_orphan_cpu_s='' tt_rec_out_bytes=0
	tt_rec_exit_status='' tt_rec_signal='' tt_rec_ended_by='' tt_rec_exec_error=''
	# The members that go into the journal, however the step ended.
	tt_rec_json=
	[ -e "$1" ] || return 0
	while IFS='=' read -r _read_name _read_value; do
		case ${_read_name}:${_read_value} in
		exec_error:*) tt_rec_exec_error=${_read_value} tt_rec=whole ;;
		orphan_command:*)
			json_text "${_read_value}"
			tt_rec_json=${tt_rec_json},\"orphan_command\":${tt_json}
			;;
		ended_by:*) tt_rec_ended_by=${_read_value} ;;
		counted:user | counted:user+kernel) tt_rec_json=${tt_rec_json},\"counted\":\"${_read_value}\" ;;
		*:*[!0-9.]* | *:) ;;
		real_s:*) tt_rec_real_s=${_read_value} ;;
		user_s:*) tt_rec_user_s=${_read_value} ;;
		system_s:*) tt_rec_system_s=${_read_value} ;;
		out_bytes:*) tt_rec_out_bytes=${_read_value} ;;
		exit_status:*)
			tt_rec_exit_status=${_read_value}
			tt_rec_json=${tt_rec_json},\"exit_status\":${_read_value}
			tt_rec=whole
			;;
		signal:*)
			tt_rec_signal=${_read_value}
			tt_rec_json=${tt_rec_json},\"signal\":${_read_value}
			tt_rec=whole
			;;
		orphan_cpu_s:*)
			tt_rec_orphan_cpu_s=${_read_value}
			tt_rec_json=${tt_rec_json},\"orphan_cpu_s\":${_read_value}
			;;
		cycles:* | instructions:* | branch_misses:* | llc_misses:* | counters_enabled_s:* | counters_running_s:* | \
		max_rss_bytes:* | orphans:* | minor_faults:* | major_faults:* | voluntary_switches:* | involuntary_switches:*)
			tt_rec_json=${tt_rec_json},\"${_read_name}\":${_read_value}
			;;
		esac
	done <"$1"
}
