#!/bin/sh
#
# Runs one step of a plan, from the check that it may start to its line in the journal.  Sourced, after capture.sh and
# lock.sh.
# shellcheck disable=SC2034,SC2154 # variables are shared with the other files

## watched (busy, steal, swapped, cpu):
# Set ${tt_watched}: JSON of the changes since those three were read.  Our own steps used ${cpu} hundredths of a second
# meanwhile.
watched() {
	tt_watched=
	if [ -n "$2" ] && [ -n "${tt_steal}" ]; then
		host_decimal $(((tt_steal - $2) * 100 / tt_tick_hz))
		case ${tt_decimal} in
		-*) ;;
		*) tt_watched=,\"steal_s\":${tt_decimal} ;;
		esac
	fi
	if [ -n "$1" ] && [ -n "${tt_busy}" ]; then
		host_decimal $(((tt_busy - $1) * 100 / tt_tick_hz - $4))
		tt_watched=${tt_watched},\"others_cpu_s\":${tt_decimal}
	fi
	if [ -n "$3" ] && [ -n "${tt_swapped}" ]; then
		tt_watched=${tt_watched},\"swapped_pages\":$((tt_swapped - $3))
	fi
}

## step_begin (kind, id, attempt):
# May this step start?  The process that creates the step's folder by mkdir may.  A step that began and did not end is
# reported as interrupted, once, and the processes that it left are killed.
step_begin() {
	tt_kind=$1 tt_id=$2 tt_attempt=$3 tt_more='' tt_reason=''
	tt_output_file='' tt_provided='' tt_drivers='' tt_flooded=''
	TT_STEP_DIR=${tt_batch_dir}/begun.$2.$3
	export TT_STEP_DIR
	if ! mkdir "${TT_STEP_DIR}" 2>/dev/null; then
		if [ ! -d "${TT_STEP_DIR}" ]; then
			# A cleanup may run on a full disk, since it frees space.
			[ "$1" != cleanup ] || rm -rf "${TT_WORK}"
			step_ended failed "disk full: cannot make the step's folder"
			return 1
		fi
		if ! grep -qF "{\"t\":\"ended\",\"id\":\"$2\",\"kind\":\"$1\",\"attempt\":$3," "${tt_batch_dir}/journal"; then
			host_kill_marked "${TT_STEP_DIR}"
			step_ended interrupted supervisor-died
		fi
		return 1
	fi
}

## step_say_begun ():
# Write to the journal that the step starts.  This wakes no process.
step_say_begun() {
	host_now
	journal "{\"t\":\"begun\",\"id\":\"${tt_id}\",\"kind\":\"${tt_kind}\",\"attempt\":${tt_attempt},\"at\":\"${tt_at}\"}"
}

## step_ended (status, reason):
# Write to the journal how the step ended, with the members in ${tt_more} and ${tt_provided}.
step_ended() {
	_ended_json="{\"t\":\"ended\",\"id\":\"${tt_id}\",\"kind\":\"${tt_kind}\",\"attempt\":${tt_attempt},\"status\":\"$1\""
	if [ -n "$2" ]; then
		json_text "$2"
		_ended_json=${_ended_json},\"reason\":${tt_json}
	fi
	[ -z "${tt_provided}" ] || _ended_json=${_ended_json},\"provided\":"{${tt_provided#,}}"
	case $1 in
	completed | skipped | interrupted) ;;
	*)
		_ended_tail=$(step_tail "${tt_output_file}") || _ended_tail=
		[ -z "${_ended_tail}" ] || _ended_json=${_ended_json},\"stderr_tail\":\"${_ended_tail}\"
		;;
	esac
	host_now
	journal "${_ended_json}${tt_more},\"at\":\"${tt_at}\"}"
}

## step_tail (name):
# Print, in base64, the ends of the step's log, standard output and standard error: 2,000 bytes in all.
step_tail() {
	_tail_files=
	for _tail_file in log out err; do
		[ ! -s "${TT_STEP_DIR}/$1${_tail_file}" ] || _tail_files="${_tail_files} ${_tail_file}"
	done
	# shellcheck disable=SC2086 # words: names of files
	set -- "$1" ${_tail_files}
	[ "$#" -gt 1 ] || return 0
	_tail_bytes=$((2000 / ($# - 1)))
	_tail_name=$1
	shift
	for _tail_file; do
		tail -c "${_tail_bytes}" "${TT_STEP_DIR}/${_tail_name}${_tail_file}"
	done | if command -v base64 >/dev/null 2>&1; then
		base64
	elif command -v b64encode >/dev/null 2>&1; then
		b64encode -r x
	else
		openssl base64
	fi | tr -cd 'A-Za-z0-9+/='
}

## step_run (name, script, limit_s):
# Run a step's script under the capture, with its output in files called ${name}out and ${name}err. A file NAME.words is
# not a script: it has a command's folder and words, which are executed without a shell. Sets ${tt_reason}, empty where
# it exited with 0, and ${tt_rec_...}; adds its CPU time to the batch's.
step_run() {
	tt_output_file=$1
	tt_reason=
	if [ "${tt_capture}" = none ]; then
		tt_reason="no-capture ${tt_capture_wanted} is not to be had here"
		return 0
	fi
	if ! cd "${TT_WORK}" 2>/dev/null; then
		tt_reason='exec the working folder is gone'
		return 0
	fi
	set -- "$1" "$2" "$3" sh "${TT_SUITE_DIR}/$2"
	case $2 in
	*.words) set -- "$1" "$2" "$3" -w "${TT_SUITE_DIR}/$2" ;;
	esac
	if [ -e "${TT_SUITE_DIR}/environment.words" ]; then
		(
			environment_become
			captured "${TT_STEP_DIR}/$1times" "$3" "${TT_STEP_DIR}/$1out" "${TT_STEP_DIR}/$1err" "$4" "$5"
		) || :
	else
		captured "${TT_STEP_DIR}/$1times" "$3" "${TT_STEP_DIR}/$1out" "${TT_STEP_DIR}/$1err" "$4" "$5"
	fi
	capture_read "${TT_STEP_DIR}/$1times"
	cd "${tt_home}" || tt_die "${tt_home} is gone"
	tt_step_cs=0
	for _run_cpu in ${tt_rec_user_s} ${tt_rec_system_s} ${tt_rec_orphan_cpu_s}; do
		host_hundredths "${_run_cpu}"
		tt_step_cs=$((tt_step_cs + tt_hundredths))
	done
	tt_cpu_cs=$((tt_cpu_cs + tt_step_cs))
	case ${tt_rec_ended_by}/${tt_rec}/${tt_rec_exec_error}/${tt_rec_signal}/${tt_rec_exit_status} in
	limit/*) tt_reason="limit $3" ;;
	output/*) tt_reason='output over 268435456 bytes were printed' ;;
	stop/*) tt_reason=stopped ;;
	//*)
		tt_reason='no-capture no record was written'
		[ ! -e "${tt_batch_dir}/stop" ] || tt_reason=stopped
		step_disk
		;;
	/whole//*/0) ;;
	/whole///*)
		tt_reason="exit ${tt_rec_exit_status}"
		step_disk
		;;
	/whole//*) tt_reason="signal ${tt_rec_signal}" ;;
	# The reason that a shell would give by its exit status.
	*/'No such file or directory'/*) tt_reason='exit 127' ;;
	*/'Permission denied'/*) tt_reason='exit 126' ;;
	*/'Exec format error'/*) tt_reason='exec no program: a script needs a #! line, or --shell sh' ;;
	*) tt_reason="exec ${tt_rec_exec_error}" ;;
	esac
	# Compared by the number of digits: some shells cannot compute with more than 2^31.
	case ${tt_reason}/${tt_rec_out_bytes} in
	*/??????????*) tt_flooded=yes tt_reason=${tt_reason:-output over 268435456 bytes were printed} ;;
	*/?????????)
		tt_flooded=yes
		[ "${tt_rec_out_bytes}" -le 268435456 ] ||
			tt_reason=${tt_reason:-output over 268435456 bytes were printed}
		;;
	*/???????*) tt_flooded=yes ;;
	esac
	[ -z "${tt_reason}" ] || [ ! -e "${tt_batch_dir}/stop" ] || tt_reason=stopped
	step_own_reason
}

## step_own_reason ():
# Add the reason that the step itself gave for its error.
step_own_reason() {
	case ${tt_reason} in
	exit*)
		if { IFS= read -r _own_reason <"${TT_STEP_DIR}/reason"; } 2>/dev/null; then
			_own_reason=$(printf '%s' "${_own_reason}" | LC_ALL=C tr -cd ' -~' | cut -c 1-400)
			tt_reason="${tt_reason}: ${_own_reason}"
		fi
		;;
	esac
}

## step_disk ():
# Where the disk is full, set that as the reason instead of any other.
step_disk() {
	if ! head -c 65536 /dev/zero 2>/dev/null >"${TT_STEP_DIR}/probe"; then
		case ${tt_reason} in
		no-capture*) tt_reason='disk full' ;;
		*) tt_reason="disk full: ${tt_reason}" ;;
		esac
	fi
	rm -f "${TT_STEP_DIR}/probe"
}

## step_dry ():
# Empty the step's output files where they exceed a megabyte: they are no longer needed.
step_dry() {
	[ -n "${tt_flooded}" ] || return 0
	for _dry_name in out err prepare.out prepare.err check.out check.err; do
		[ ! -e "${TT_STEP_DIR}/${_dry_name}" ] || : >"${TT_STEP_DIR}/${_dry_name}"
	done
}

## step_timed (name, script, limit_s):
# The same for the timed step: also sets ${tt_more} to the measurements.
step_timed() {
	host_watch
	_timed_busy=${tt_busy} _timed_steal=${tt_steal} _timed_swapped=${tt_swapped} _timed_load=${tt_load1}
	step_run "$@"
	[ "${tt_capture}" != none ] || return 0
	# The user may declare that an exit status other than 0 is no failure.  A missing command still is one.
	case ${tt_rec_exec_error:-}/${tt_reason} in
	/exit*) [ ! -e "${TT_SUITE_DIR}/ignore-failure" ] || tt_reason='' ;;
	esac
	host_watch
	watched "${_timed_busy}" "${_timed_steal}" "${_timed_swapped}" "${tt_step_cs}"
	tt_more=,\"capture\":\"${tt_capture}\",\"real_resolution_s\":${tt_real_resolution_s},\"cpu_resolution_s\":${tt_cpu_resolution_s}
	[ -z "${tt_fixed_s}" ] || tt_more=${tt_more},\"capture_fixed_s\":${tt_fixed_s}
	if [ -z "${tt_reason}" ]; then
		tt_more="${tt_more},\"real_s\":${tt_rec_real_s},\"user_s\":${tt_rec_user_s},\"system_s\":${tt_rec_system_s}"
	fi
	tt_more=${tt_more}${tt_rec_json}${tt_watched}
	[ -z "${tt_clock_hz_before}" ] || tt_more=${tt_more},\"clock_hz_before\":${tt_clock_hz_before}
	[ -z "${_timed_load}" ] || tt_more=${tt_more},\"load1_before\":${_timed_load}
}

## step_failed ():
# Write to the journal how the step ended, by ${tt_reason}, where the timed step failed.
step_failed() {
	case ${tt_reason} in
	limit*) step_ended timed-out "${tt_reason}" ;;
	stopped) step_ended interrupted "${tt_reason}" ;;
	*) step_ended failed "${tt_reason}" ;;
	esac
}

## step_aside (what):
# The same where prepare.sh or check.sh failed.
step_aside() {
	case ${tt_reason} in
	stopped) step_ended interrupted "${tt_reason}" ;;
	disk* | no-capture*) step_ended failed "${tt_reason}" ;;
	*) step_ended failed "$1 ${tt_reason}" ;;
	esac
}

## step_plain (kind, id, attempt, limit_s):
# Run setup.sh or cleanup.sh, if the suite has it.
step_plain() {
	step_begin "$1" "$2" "$3" || return 0
	step_say_begun
	[ "$1" != setup ] || rm -f "${tt_run_dir}/setup.${tt_suite}"
	if [ -e "${TT_SUITE_DIR}/$1.sh" ]; then
		mkdir -p "${TT_WORK}"
		step_timed '' "$1.sh" "$4"
		if [ -n "${tt_reason}" ]; then
			step_failed
			step_dry
			return 0
		fi
		[ "$1" != setup ] || step_provided '' "${tt_rec_out_bytes}"
	fi
	case $1 in
	setup)
		tt_setup=${tt_drivers}
		printf '%s\n' "${tt_setup}" >"${tt_run_dir}/setup.${tt_suite}.new"
		mv -f "${tt_run_dir}/setup.${tt_suite}.new" "${tt_run_dir}/setup.${tt_suite}"
		;;
	cleanup) rm -rf "${TT_WORK}" "${tt_run_dir}/setup.${tt_suite}" ;;
	esac
	step_ended completed ''
	step_dry
}

## step_trial (id, attempt, limit_s):
# Run a trial: prepare.sh, run.sh, check.sh.
step_trial() {
	step_begin trial "$1" "$2" || return 0
	case ${tt_nl}${tt_setup}${tt_nl} in
	*"${tt_nl}skip.${TT_IMPL}="*)
		_trial_reason=${tt_nl}${tt_setup}${tt_nl}
		_trial_reason=${_trial_reason#*"${tt_nl}skip.${TT_IMPL}="}
		step_ended skipped "${_trial_reason%%"${tt_nl}"*}"
		return 0
		;;
	*"${tt_nl}driver.${TT_IMPL}="*)
		_trial_driver=${tt_nl}${tt_setup}${tt_nl}
		_trial_driver=${_trial_driver#*"${tt_nl}driver.${TT_IMPL}="}
		[ "${TT_DRIVER}" != auto ] || TT_DRIVER=${_trial_driver%%"${tt_nl}"*}
		;;
	esac
	# A command that failed once would fail again, so its other rounds are skipped.
	_trial_failed=${tt_run_dir}/failed.${tt_suite}.${TT_ROW}
	if [ -e "${_trial_failed}" ]; then
		step_ended skipped failed-before
		return 0
	fi
	if [ "${TT_DRIVER}" = auto ]; then
		step_ended skipped not-provided
		return 0
	fi
	json_text "${TT_DRIVER}"
	_trial_driver=,\"driver\":${tt_json}
	step_say_begun

	if [ -e "${TT_SUITE_DIR}/prepare.sh" ]; then
		step_run prepare. prepare.sh "$3"
		if [ -n "${tt_reason}" ]; then
			tt_more=${_trial_driver}
			step_aside prepare
			step_dry
			return 0
		fi
	fi
	_trial_script=run.sh
	[ ! -e "${TT_SUITE_DIR}/environment.words" ] || _trial_script=${TT_ROW}.words
	step_timed '' "${_trial_script}" "$3"
	tt_more=${_trial_driver}${tt_more}
	if [ -n "${tt_reason}" ]; then
		# A trial that was stopped did not fail: the row continues when the run is resumed.
		[ "${tt_reason}" = stopped ] || [ ! -e "${TT_SUITE_DIR}/stop-after-failure" ] || : >"${_trial_failed}"
		step_failed
	else
		_trial_times=${tt_more}
		step_run check. check.sh "$3"
		step_provided check. "${tt_rec_out_bytes}"
		if [ -z "${tt_reason}" ]; then
			tt_more=${_trial_times},\"check\":\"ok\"
			step_ended completed ''
		else
			step_untimed
			tt_more=${_trial_times},\"check\":\"failed\"
			step_aside check
		fi
	fi
	step_dry
}

## step_untimed ():
# Remove the times from ${_trial_times}: a step whose work was not proved has none.
step_untimed() {
	_untimed_head=${_trial_times%%,\"real_s\":*}
	_untimed_rest=${_trial_times#*,\"system_s\":}
	_trial_times=${_untimed_head},${_untimed_rest#*,}
}

## step_provided (name, bytes):
# Set ${tt_provided} to JSON of the NAME=VALUE lines that the step printed, and ${tt_drivers} to those of the lines that
# choose drivers.  At most 20,000 bytes are read, and at most 40 lines and 7,500 bytes are taken.
step_provided() {
	tt_provided='' tt_drivers=''
	_provided_file=${TT_STEP_DIR}/$1out
	case $2 in
	[0-9] | ??? | ?? | ????) ;;
	*)
		head -c 20000 "${_provided_file}" >"${_provided_file}.head"
		_provided_file=${_provided_file}.head
		;;
	esac
	_provided_left=40
	while [ "${_provided_left}" -gt 0 ] && { IFS= read -r _provided_line || [ -n "${_provided_line}" ]; }; do
		_provided_name=${_provided_line%%=*}
		case ${_provided_name} in
		"${_provided_line}" | '' | [!a-z0-9]* | *[!a-z0-9_.-]*) continue ;;
		esac
		[ "${#_provided_name}" -le 100 ] || continue
		_provided_left=$((_provided_left - 1))
		_provided_value=${_provided_line#*=}
		case ${_provided_value} in
		*[!\ -~]*) _provided_value=$(printf '%s' "${_provided_value}" | LC_ALL=C tr -cd ' -~') ;;
		esac
		[ "${#_provided_value}" -le 400 ] || _provided_value=$(printf '%s' "${_provided_value}" | cut -c 1-400)
		json_text "${_provided_value}"
		_provided_json=${tt_provided},\"${_provided_name}\":${tt_json}
		[ "${#_provided_json}" -le 7500 ] || break
		tt_provided=${_provided_json}
		case ${_provided_name} in
		driver.* | skip.*) tt_drivers=${tt_drivers}${_provided_name}=${_provided_value}${tt_nl} ;;
		esac
	done <"${_provided_file}"
	[ "${_provided_file}" = "${TT_STEP_DIR}/$1out" ] || rm -f "${_provided_file}"
}
