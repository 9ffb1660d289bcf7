#!/bin/sh
#
# The agent on a machine: sh agent.sh facts WANTED... | run RUN BATCH OFFSET WAIT | stop RUN | clean RUN. See README.md.
#
# Exit status 0 where a reply was written, else 1, with the reason on standard error.
set -eu

# The environment of the user's own commands; see environment.sh.
if [ "${1:-}" = run ] && [ -n "${LC_ALL+x}" ]; then
	TIMETRIAL_KEPT_LC_ALL=${LC_ALL}
	export TIMETRIAL_KEPT_LC_ALL
fi
# Set before anything is matched against ranges of letters.
LC_ALL=C
export LC_ALL
case $0 in
/*) tt_agent=${0%/*} ;;
*/*) tt_agent=$(cd "${0%/*}" && pwd) ;;
*) tt_agent=$(pwd) ;;
esac
# shellcheck source=SCRIPTDIR/put.sh
. "${tt_agent}/put.sh"
# shellcheck source=SCRIPTDIR/host.sh
. "${tt_agent}/host.sh"
# shellcheck source=SCRIPTDIR/environment.sh
. "${tt_agent}/environment.sh"
# shellcheck source=SCRIPTDIR/capture.sh
. "${tt_agent}/capture.sh"
# shellcheck source=SCRIPTDIR/lock.sh
. "${tt_agent}/lock.sh"
# shellcheck source=SCRIPTDIR/step.sh
. "${tt_agent}/step.sh"
# shellcheck source=SCRIPTDIR/batch.sh
. "${tt_agent}/batch.sh"
# shellcheck source=SCRIPTDIR/facts.sh
. "${tt_agent}/facts.sh"
tt_fifo=''

## agent_leave ():
# The exit trap: remove our fifo, and exit with 0 or 1.
agent_leave() {
	_leave_status=$?
	[ -z "${tt_fifo}" ] || rm -f "${tt_fifo}"
	[ "${_leave_status}" -eq 0 ] || exit 1
}

## agent_run (run, batch, offset, wait):
# Start the batch unless it has started, wait for its end, and reply.
agent_run() {
	tt_word run "$1"
	tt_word batch "$2"
	tt_number offset "$3"
	tt_number wait "$4"
	[ "$4" -le 20 ] || tt_die "wait: expected at most 20, got $4"
	tt_of=$1/$2
	tt_offset=$3
	tt_payload=''
	tt_batch_dir=${tt_home}/runs/$1/batches/$2
	[ -e "${tt_batch_dir}/plan" ] || tt_die "${tt_of}: no plan was put"

	_run_turn=''
	# The lock is looked at first, which takes no process; agent_enough takes some.
	if ! lock_read && ! agent_enough; then
		batch_check_plan
		agent_await "${tt_batch_dir}" 5 agent_news agent_detach "$1" "$2"
	fi
	if ! lock_read; then
		:
	elif [ "${tt_lock_of}" = "${tt_of}" ]; then
		agent_await "${tt_batch_dir}" "$4" agent_enough :
	elif ! agent_enough; then
		# Another batch is running.  This one starts when that one has ended, at a later call.
		_run_turn=later
		agent_await "${tt_home}/runs/${tt_lock_of%/*}/batches/${tt_lock_of#*/}" "$4" agent_free :
	fi

	# The order matters: a batch that ends between the two checks is still seen as ended.
	_run_state=dead
	! lock_read || _run_state=running
	[ -z "${_run_turn}" ] || _run_state=running
	agent_payload
	agent_reply "${tt_of}" "${tt_offset}" "${_run_state}"
	[ -n "${_run_turn}" ] || [ "${_run_state}" != running ] || agent_progress
}

## agent_progress ():
# Print the progress of the running step: the last line of its ${TT_STEP_DIR}/progress, else the last >>> line that it
# printed, else the size of its output.  It is read only on request, so that it costs the step nothing.
agent_progress() {
	_progress_line=$(tail -n 1 "${tt_batch_dir}/journal")
	case ${_progress_line} in
	'{"t":"begun","id":"'*) ;;
	*) return 0 ;;
	esac
	_progress_id=${_progress_line#*\"id\":\"}
	_progress_id=${_progress_id%%\"*}
	_progress_attempt=${_progress_line#*\"attempt\":}
	_progress_dir=${tt_batch_dir}/begun.${_progress_id}.${_progress_attempt%%,*}
	_progress_text=
	if [ -s "${_progress_dir}/progress" ]; then
		_progress_text=$(tail -c 1000 "${_progress_dir}/progress" | tail -n 1)
	elif [ -s "${_progress_dir}/out" ]; then
		_progress_text=$(tail -c 100000 "${_progress_dir}/out" | grep -a '^>>> ' | tail -n 1) || :
		[ -n "${_progress_text}" ] || _progress_text="$(($(wc -c <"${_progress_dir}/out"))) bytes printed"
	fi
	[ -n "${_progress_text}" ] || return 0
	printf '>>>timetrial 1 step %s %s\n' "${_progress_id}" \
	    "$(printf '%s' "${_progress_text}" | LC_ALL=C tr -cd ' -~' | cut -c 1-200)"
}

## agent_news ():
# Does the journal have whole lines beyond those of this reply?
agent_news() {
	[ -s "${tt_batch_dir}/journal" ] &&
		[ "$(tail -c "+$((tt_offset + ${#tt_payload} + 1))" "${tt_batch_dir}/journal" | wc -l)" -gt 0 ]
}

## agent_enough ():
# Is there a reason to reply before the timeout?  A single line is none: a call may cost more than a short trial.
agent_enough() {
	[ -s "${tt_batch_dir}/journal" ] &&
		{ journal_ended || [ "$(wc -c <"${tt_batch_dir}/journal")" -ge "$((tt_offset + 12000))" ]; }
}

## agent_free ():
# Is the lock free?
agent_free() {
	! lock_read
}

## agent_await (folder, seconds, condition, cmd, ...):
# Call ${cmd}; then sleep until ${condition} holds, the batch of ${folder} wakes us, or the timeout has passed. We read
# a fifo that the sleep holds open, so its end is an end of file. The fifo is kept for the next wait in that folder.
agent_await() {
	_await_folder=$1
	_await_s=$2
	_await_condition=$3
	shift 3
	if [ "${_await_s}" -eq 0 ]; then
		return 0
	fi
	if [ "${tt_fifo}" != "${_await_folder}/w.$$" ]; then
		[ -z "${tt_fifo}" ] || rm -f "${tt_fifo}"
		tt_fifo=${_await_folder}/w.$$
		[ -p "${tt_fifo}" ] || mkfifo "${tt_fifo}"
	fi
	# Opened to read and write first: else a timer whose reader was killed waits for another with the caller's pipes open.
	exec 4<>"${tt_fifo}"
	sleep "${_await_s}" >"${tt_fifo}" 4<&- 2>/dev/null &
	_await_timer=$!
	exec 3<"${tt_fifo}" 4<&-
	"$@" 3<&-
	"${_await_condition}" || read -r _ <&3 || :
	exec 3<&-
	# KILL, since mksh loses a TERM that arrives before its child has executed the sleep.
	{
		kill -KILL "${_await_timer}"
		wait "${_await_timer}"
	} 2>/dev/null || :
}

## agent_detach (run, batch):
# Start a supervisor that outlives us. For the user's own commands it gets the user's environment: on this computer that
# of the call, elsewhere that of a login, except in the sandbox, whose PATH has its stand-ins first.
agent_detach() {
	tt_environment=
	! environment_is_users "${tt_batch_dir}" || tt_environment=users
	if [ -z "${tt_environment}" ] || [ -n "${TIMETRIAL_LOCAL:-}" ] || [ "${tt_sandbox}" = 1 ]; then
		agent_start "$@"
	else
		(
			environment_login
			agent_start "$@"
		)
	fi
}

## agent_start (run, batch):
# Start a supervisor that outlives us.  Where the shell alone must do it, with &, steps ignore SIGINT unless the capture
# sets it right; so setsid forks where it can. systemd-run starts a process with an environment of its own, and never in
# a sandbox, whose machines are process trees.
agent_start() {
	set -- "${tt_agent}/agent.sh" supervise "$1" "$2"
	! agent_start_by_systemd "$@" || return 0
	if command -v daemon >/dev/null 2>&1 && [ "$(uname -s)" = FreeBSD ]; then
		# shellcheck disable=SC2016
		daemon -f sh -c 'exec sh "$@" >>"$0" 2>&1' "${tt_batch_dir}/log" "$@" daemon
	elif ! command -v setsid >/dev/null 2>&1; then
		nohup sh "$@" nohup </dev/null >>"${tt_batch_dir}/log" 2>&1 &
	# Where it cannot fork, it refuses -f before it starts anything.
	elif ! setsid -f sh "$@" setsid </dev/null >>"${tt_batch_dir}/log" 2>&1; then
		setsid sh "$@" setsid </dev/null >>"${tt_batch_dir}/log" 2>&1 &
	fi
}

## agent_start_by_systemd (script, word, ...):
# The same by systemd, for root. It starts a process with an environment of its own, so the variables to pass are named.
agent_start_by_systemd() {
	[ "${tt_uid}" -eq 0 ] && [ -d /run/systemd/system ] && [ "${tt_sandbox}" != 1 ] || return 1
	# shellcheck disable=SC2016 # for the shell that it starts
	set -- sh -c 'exec sh "$@" >>"$0" 2>&1 </dev/null' "${tt_batch_dir}/log" "$@" systemd-run
	HOME=${HOME:-/root}
	export HOME
	_systemd_names='PATH HOME TIMETRIAL_MACHINE_ENV TIMETRIAL_CAPTURE'
	[ "${tt_environment}" != users ] || { environment_names '[A-Za-z_]'; _systemd_names=${tt_names}; }
	for _systemd_name in ${_systemd_names}; do
		eval "set -- \"--setenv=${_systemd_name}=\${${_systemd_name}-}\" \"\$@\""
	done
	systemd-run --quiet --unit="timetrial-$$-$(date +%s)" --property=OOMPolicy=continue "$@" </dev/null >/dev/null 2>&1
}

## agent_supervise (run, batch, detached):
# Execute the supervisor with the environment of steps.  env passes it, so that the machine's declared variables never
# become variables of this shell.
agent_supervise() {
	_supervise_run=$1
	_supervise_batch=$2
	_supervise_how=$3
	unset LC_ALL
	environment_names '[TLC]'
	for _supervise_name in ${tt_names}; do
		case ${_supervise_name} in
		TT_*) unset "${_supervise_name}" ;;
		LC_* | CCACHE_*) environment_keep "${_supervise_name}" ;;
		esac
	done
	environment_keep OPENSSL_ia32cap OPENSSL_armcap OPENSSL_CONF MAKEFLAGS CFLAGS CXXFLAGS CPPFLAGS LDFLAGS ENV BASH_ENV
	set -- LC_ALL=C
	_supervise_file=${TIMETRIAL_MACHINE_ENV:-/etc/timetrial/machine.env}
	if [ -r "${_supervise_file}" ]; then
		while IFS= read -r _supervise_line || [ -n "${_supervise_line}" ]; do
			case ${_supervise_line%%=*} in
			"${_supervise_line}" | '' | [0-9]* | *[!A-Za-z0-9_]*) ;;
			*)
				unset "TIMETRIAL_KEPT_${_supervise_line%%=*}"
				set -- "$@" "${_supervise_line}"
				;;
			esac
		done <"${_supervise_file}"
	fi
	exec env "$@" sh "${tt_agent}/agent.sh" measure "${_supervise_run}" "${_supervise_batch}" "${_supervise_how}"
}

## agent_payload ():
# Set ${tt_payload} to whole lines of the journal from the offset on, at most 20,000 bytes.
agent_payload() {
	tt_payload=
	[ -e "${tt_batch_dir}/journal" ] || : >>"${tt_batch_dir}/journal"
	[ "${tt_offset}" -eq 0 ] || [ "$(wc -c <"${tt_batch_dir}/journal")" -ge "${tt_offset}" ] ||
		tt_die "${tt_of}: offset ${tt_offset} is beyond the end of the journal"
	tt_payload=$(tail -c "+$((tt_offset + 1))" "${tt_batch_dir}/journal" | head -c 20000 && echo .)
	tt_payload=${tt_payload%.}
	case ${tt_payload} in
	*"${tt_nl}"*) tt_payload=${tt_payload%"${tt_payload##*"${tt_nl}"}"} ;;
	*) tt_payload='' ;;
	esac
}

## agent_reply (of, offset, state):
# Write the reply with ${tt_payload}. Its state is `ended` where the journal has ended and nothing follows this payload,
# and `running` where more follows.
agent_reply() {
	_reply_state=$3
	_reply_last=${tt_payload%"${tt_nl}"}
	case ${_reply_last##*"${tt_nl}"} in
	'{"t":"end",'*) _reply_state=ended ;;
	'') [ "$1" = facts ] || ! journal_ended || agent_news || _reply_state=ended ;;
	*) [ "${_reply_state}" != dead ] || ! agent_news || _reply_state=running ;;
	esac
	_reply_name=sha256
	_reply_sum=$(printf '%s' "${tt_payload}" | tt_sha256) || {
		_reply_name='cksum'
		_reply_sum=$(printf '%s' "${tt_payload}" | cksum)
		_reply_sum=${_reply_sum%% *}
	}
	printf '<<<timetrial 1 begin %s %s %s\n%s>>>timetrial 1 end %s %s %s\n' \
	    "$1" "$2" "${_reply_state}" "${tt_payload}" "${#tt_payload}" "${_reply_name}" "${_reply_sum}"
}

## agent_stop (run):
# End the running batch of that run, and reply when none of its processes is left. The helper is stopped first, since it
# knows all descendants; then every process with the step's mark is killed; then the supervisor.
agent_stop() {
	tt_word run "$1"
	tt_payload=
	_stop_try=0
	while lock_read && [ "${tt_lock_of%%/*}" = "$1" ]; do
		tt_batch_dir=${tt_home}/runs/${tt_lock_of%%/*}/batches/${tt_lock_of#*/}
		: >"${tt_batch_dir}/stop"
		_stop_try=$((_stop_try + 1))
		case ${_stop_try} in
		1)
			for _stop_pid in $(host_children "${tt_lock_pid}"); do
				kill -TERM "${_stop_pid}" 2>/dev/null || :
			done
			;;
		2 | 3) host_kill_marked "${tt_batch_dir}/" ;;
		*)
			kill -KILL "${tt_lock_pid}" 2>/dev/null || :
			host_kill_marked "${tt_batch_dir}/"
			;;
		esac
		[ "${_stop_try}" -le 6 ] || tt_die "${tt_lock_of}: its supervisor (pid ${tt_lock_pid}) does not end"
		agent_await "${tt_batch_dir}" 3 agent_free :
	done
	agent_reply_done "$1/-"
}

## agent_reply_done (of):
# Reply that it is done, with the SHA-256 of nothing.
agent_reply_done() {
	printf '<<<timetrial 1 begin %s 0 ended\n>>>timetrial 1 end 0 sha256 %s\n' \
	    "$1" e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
}

## agent_clean (run):
# Remove the run's files here, unless a batch of it is running.
agent_clean() {
	tt_word run "$1"
	if lock_read && [ "${tt_lock_of%%/*}" = "$1" ]; then
		tt_die "${tt_lock_of} is under way"
	fi
	rm -rf "${tt_home}/runs/$1" || tt_die "cannot remove ${tt_home}/runs/$1"
	agent_reply_done "$1/-"
}

## agent_facts (wanted, ...):
# Reply with the facts, and with those of command:NAME and package:NAME that are missing.
agent_facts() {
	for _facts_word; do
		case ${_facts_word} in
		command:* | package:*) tt_word "${_facts_word%%:*}" "$(printf '%s' "${_facts_word#*:}" | tr + _)" ;;
		*) tt_die "facts: expected command:NAME or package:NAME" ;;
		esac
	done
	tt_payload=$(facts "$@")${tt_nl}
	agent_reply facts 0 ended
}

trap agent_leave EXIT
# On the way to become another shell, which will look for all of it.
[ "$#/${1:-}" != 4/supervise ] || agent_supervise "$2" "$3" "$4"
tt_home_find
host_boot_id
case $#/${1:-} in
*/facts) shift; agent_facts "$@" ;;
5/run) agent_run "$2" "$3" "$4" "$5" ;;
2/stop) agent_stop "$2" ;;
2/clean) agent_clean "$2" ;;
4/measure) batch_supervise "$2" "$3" "$4" ;;
*) tt_die "expected facts WANTED..., run RUN BATCH OFFSET WAIT, stop RUN or clean RUN" ;;
esac
