#!/bin/sh
#
# The supervisor: holds the machine's lock, executes one plan, writes the journal.  Sourced, after step.sh.
#
# It sets traps only for its own end: signals that a shell ignores are ignored by its steps as well.
# shellcheck disable=SC2034,SC2154 # variables are shared with the other files

## batch_supervise (run, batch, detached):
# Run the batch to its end, unless another process does or it has ended.
batch_supervise() {
	tt_of=$1/$2
	tt_run_dir=${tt_home}/runs/$1
	tt_batch_dir=${tt_run_dir}/batches/$2
	[ -e "${tt_batch_dir}/plan" ] || tt_die "${tt_of}: no plan"
	if ! lock_take "${tt_of}"; then
		batch_wake
		return 0
	fi
	trap 'lock_release' EXIT
	! journal_ended || return 0
	environment_put_aside
	journal_mend || tt_die "cannot mend the journal of ${tt_of}: disk full?"
	umask 022
	journal_reserve

	host_clock_start
	host_watch_start
	capture_choose || tt_capture=none
	capture_clock_hz
	tt_clock_hz_before=${tt_clock_hz}
	host_watch
	_batch_busy=${tt_busy} _batch_steal=${tt_steal} _batch_swapped=${tt_swapped} _batch_start_cs=${tt_uptime_cs}
	tt_cpu_cs=0 tt_params='' tt_suite=''
	TT_NCPU=$(host_ncpu)
	export TT_NCPU
	host_now
	_batch_over=
	[ -z "${tt_taken_over}" ] || { json_text "${tt_taken_over}"; _batch_over=,\"taken_over\":${tt_json}; }
	batch_remove_old "$1"
	[ -z "${tt_removed}" ] || { json_text "${tt_removed}"; _batch_over=${_batch_over},\"removed\":${tt_json}; }
	journal "{\"t\":\"start\",\"batch\":\"$2\",\"at\":\"${tt_at}\",\"boot_id\":\"${tt_boot_id}\",\"pid\":$$,\"detached\":\"$3\"${_batch_over}}"
	batch_wake

	while IFS= read -r _batch_line; do
		[ ! -e "${tt_batch_dir}/stop" ] || break
		batch_obey "${_batch_line}"
	done <"${tt_batch_dir}/plan"

	host_boot_id
	host_watch
	host_now
	_batch_real=$((tt_uptime_cs - _batch_start_cs))
	host_decimal "${_batch_real}"
	_batch_json=,\"real_s\":${tt_decimal}
	watched "${_batch_busy}" "${_batch_steal}" "${_batch_swapped}" "${tt_cpu_cs}"
	capture_clock_hz
	[ -z "${tt_clock_hz}" ] || _batch_json=${_batch_json},\"clock_hz_after\":${tt_clock_hz}
	# Emptied, which takes no process.
	[ ! -e "${tt_batch_dir}/reserve" ] || : >"${tt_batch_dir}/reserve"
	journal "{\"t\":\"end\",\"batch\":\"$2\",\"at\":\"${tt_at}\",\"boot_id\":\"${tt_boot_id}\"${_batch_json}${tt_watched}}"
}

## batch_remove_old (run):
# Remove other runs that received nothing for a week, and archives that were not asked for during a week.  Sets
# ${tt_removed} to their names.  The first batch of a run does so for all of it.
batch_remove_old() {
	tt_removed=
	touch -c "${tt_agent}.ok" 2>/dev/null || :
	[ ! -e "${tt_run_dir}/looked" ] || return 0
	: >"${tt_run_dir}/looked"
	for _old_path in $(cd "${tt_home}" && find runs/*/batches ship/*.ok -prune -mtime +7 2>/dev/null); do
		case ${_old_path} in
		"runs/$1/"*) continue ;;
		runs/*)
			_old_path=${_old_path%/batches}
			tt_removed="${tt_removed} run ${_old_path#runs/}"
			;;
		*)
			rm -f "${tt_home}/${_old_path}"
			_old_path=${_old_path%.ok}
			tt_removed="${tt_removed} archive ${_old_path#ship/}"
			;;
		esac
		rm -rf "${tt_home:?}/${_old_path}"
	done
	tt_removed=${tt_removed# }
}

## host_ncpu ():
# Print the number of processors online.
host_ncpu() {
	getconf _NPROCESSORS_ONLN 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || nproc
}

## batch_obey (line):
# Execute a line of the plan, which batch_check_plan has validated.
batch_obey() {
	IFS=' ' read -r _obey_verb _obey_1 _obey_2 _obey_3 _obey_4 _obey_5 _obey_6 _obey_7 <<-EOT
		$1
	EOT
	case ${_obey_verb} in
	suite)
		for _obey_param in ${tt_params}; do
			unset "TT_PARAM_${_obey_param}"
		done
		tt_params=
		tt_suite=${_obey_1}
		TT_SUITE_DIR=${tt_home}/ship/${_obey_2}
		_obey_works=${tt_run_dir}/work
		TT_WORK=${_obey_works}/${tt_suite}
		TT_REFUSED=${tt_home}/refused/${tt_suite}
		export TT_SUITE_DIR TT_WORK TT_REFUSED
		[ -d "${TT_WORK}" ] || mkdir -p "${TT_WORK}"
		tt_setup=
		[ ! -e "${tt_run_dir}/setup.${tt_suite}" ] || while IFS= read -r _obey_said; do
			tt_setup=${tt_setup}${_obey_said}${tt_nl}
		done <"${tt_run_dir}/setup.${tt_suite}"
		;;
	param)
		_obey_value=${1#param }
		_obey_value=${_obey_value#"${_obey_1} "}
		export "TT_PARAM_${_obey_1}=${_obey_value}"
		tt_params="${tt_params} ${_obey_1}"
		;;
	setup | cleanup) step_plain "${_obey_verb}" "${_obey_1}" "${_obey_2}" "${_obey_3}" ;;
	trial)
		TT_ROW=${_obey_4} TT_IMPL=${_obey_5} TT_DRIVER=${_obey_6}
		export TT_ROW TT_IMPL TT_DRIVER
		step_trial "${_obey_1}" "${_obey_2}" "${_obey_7}"
		unset TT_ROW TT_IMPL TT_DRIVER
		;;
	esac
}

## batch_check_plan ():
# Exit unless the batch's plan is valid and the suites that it names are here.
batch_check_plan() {
	_check_n=0
	_check_suite=
	while IFS= read -r _check_line || [ -n "${_check_line}" ]; do
		_check_n=$((_check_n + 1))
		_check_what="${tt_of}: plan: line ${_check_n}"
		IFS=' ' read -r _check_verb _check_1 _check_2 _check_3 _check_4 _check_5 _check_6 _check_7 <<-EOT
			${_check_line}
		EOT
		case ${_check_n}/${_check_suite:+in}/${_check_verb} in
		1/*)
			[ "${_check_line}" = 'timetrial-batch 1' ] ||
				tt_die "${_check_what}: expected \"timetrial-batch 1\""
			;;
		*/suite)
			tt_word "${_check_what}" "${_check_1}"
			tt_word "${_check_what}" "${_check_2}"
			[ -z "${_check_3}" ] || tt_die "${_check_what}: expected suite NAME DIGEST"
			[ -e "${tt_home}/ship/${_check_2}.ok" ] ||
				tt_die "${_check_what}: suite ${_check_1} (${_check_2}) is not on this machine"
			_check_suite=${_check_1}
			;;
		*/in/param)
			case ${_check_1} in
			'' | *[!A-Za-z0-9_]*) tt_die "${_check_what}: expected param [A-Za-z0-9_]+ VALUE" ;;
			esac
			;;
		*/in/setup | */in/cleanup)
			tt_word "${_check_what}" "${_check_1}"
			tt_number "${_check_what}" "${_check_2}"
			tt_number "${_check_what}" "${_check_3}"
			[ "${_check_3}" -ge 1 ] ||
				tt_die "${_check_what}: expected ${_check_verb} ID ATTEMPT LIMIT_S"
			;;
		*/in/trial)
			for _check_word in "${_check_1}" "${_check_4}" "${_check_5}" "${_check_6}"; do
				tt_word "${_check_what}" "${_check_word}"
			done
			for _check_word in "${_check_2}" "${_check_3}" "${_check_7}"; do
				tt_number "${_check_what}" "${_check_word}"
			done
			[ "${_check_7}" -ge 1 ] ||
				tt_die "${_check_what}: expected trial ID ATTEMPT ROUND ROW IMPL DRIVER LIMIT_S"
			;;
		*) tt_die "${_check_what}: expected suite, or after it param, setup, trial or cleanup" ;;
		esac
	done <"${tt_batch_dir}/plan"
	[ "${_check_n}" -gt 0 ] || tt_die "${tt_of}: plan: it is empty"
}
