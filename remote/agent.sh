#!/bin/sh
#
# What runs on a machine: sh agent.sh facts WANTED... | run RUN BATCH OFFSET WAIT | stop RUN | clean RUN.  See README.md.
#
# Exit status 0 where a reply was written, else 1, with the reason on standard error.
set -eu

# What the user's own commands get; see environment.sh.
if [ "${1:-}" = run ] && [ -n "${LC_ALL+x}" ]; then
	TIMETRIAL_KEPT_LC_ALL=${LC_ALL}
	export TIMETRIAL_KEPT_LC_ALL
fi
# Before anything is matched against ranges of letters.
LC_ALL=C
export LC_ALL
case $0 in
*/*) tt_agent=${0%/*} ;;
*) tt_agent=. ;;
esac
tt_agent=$(cd "${tt_agent}" && pwd)
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
# On the way out: remove our fifo, and end with 0 or 1.
agent_leave() {
	_leave_status=$?
	[ -z "${tt_fifo}" ] || rm -f "${tt_fifo}"
	[ "${_leave_status}" -eq 0 ] || exit 1
}

## agent_run (run, batch, offset, wait):
# Start the batch unless it is started; wait for its end; reply.
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
	if ! agent_enough && ! lock_read; then
		batch_check_plan
		agent_await "${tt_batch_dir}" 5 agent_news agent_detach "$1" "$2"
	fi
	if agent_enough || ! lock_read; then
		:
	elif [ "${tt_lock_of}" = "${tt_of}" ]; then
		agent_await "${tt_batch_dir}" "$4" agent_enough :
	else
		# Another batch is under way, perhaps since a moment: this one's turn comes when it has ended, at the next call.
		_run_turn=later
		agent_await "${tt_home}/runs/${tt_lock_of%/*}/batches/${tt_lock_of#*/}" "$4" agent_free :
	fi

	# Looked at in this order: a batch that ends in between is still seen to have ended.
	_run_state=dead
	! lock_read || _run_state=running
	[ -z "${_run_turn}" ] || _run_state=running
	agent_payload
	agent_reply "${tt_of}" "${tt_offset}" "${_run_state}"
	[ -n "${_run_turn}" ] || [ "${_run_state}" != running ] || agent_progress
}

## agent_progress ():
# Say how far the step under way is: the last line of its ${TT_STEP_DIR}/progress, else the last >>> line that it
# printed, else how many bytes.  Read when somebody asks, so that the step pays nothing for it.
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
# Has the journal whole lines that the caller has not, nor will get in this reply?
agent_news() {
	[ -s "${tt_batch_dir}/journal" ] &&
		[ "$(tail -c "+$((tt_offset + ${#tt_payload} + 1))" "${tt_batch_dir}/journal" | wc -l)" -gt 0 ]
}

## agent_enough ():
# Is there reason to reply before the time is over?  Not for every line: a call costs more than a short trial may.
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
# Call ${cmd}; then sleep until ${condition} holds, the batch of ${folder} wakes us, or the time is over.  The sleep's
# end is the end of file of the fifo that we read.
agent_await() {
	_await_folder=$1
	_await_s=$2
	_await_condition=$3
	shift 3
	if [ "${_await_s}" -eq 0 ]; then
		return 0
	fi
	tt_fifo=${_await_folder}/w.$$
	[ -p "${tt_fifo}" ] || mkfifo "${tt_fifo}"
	sleep "${_await_s}" >"${tt_fifo}" 2>/dev/null &
	_await_timer=$!
	exec 3<"${tt_fifo}"
	"$@" 3<&-
	"${_await_condition}" || read -r _ <&3 || :
	exec 3<&-
	# KILL: mksh loses a TERM that comes before its child has become the sleep.
	{
		kill -KILL "${_await_timer}"
		wait "${_await_timer}"
	} 2>/dev/null || :
	rm -f "${tt_fifo}"
	tt_fifo=''
}

## agent_detach (run, batch):
# Start a supervisor that outlives us; for the user's own commands with his environment: here the call's own, elsewhere a
# login's, but for the sandbox, whose PATH has its stand-ins first.
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
# sets it right; so setsid forks where it can.  systemd-run starts a process with an environment of its own, and never in
# a sandbox, whose machines are process trees.
agent_start() {
	set -- "${tt_agent}/agent.sh" supervise "$1" "$2"
	! agent_start_by_systemd "$@" || return 0
	if [ "$(uname -s)" = FreeBSD ]; then
		# shellcheck disable=SC2016
		daemon -f sh -c 'exec sh "$@" >>"$0" 2>&1' "${tt_batch_dir}/log" "$@" daemon
	elif ! command -v setsid >/dev/null 2>&1; then
		nohup sh "$@" nohup </dev/null >>"${tt_batch_dir}/log" 2>&1 &
	elif setsid -f true </dev/null >/dev/null 2>&1; then
		setsid -f sh "$@" setsid </dev/null >>"${tt_batch_dir}/log" 2>&1
	else
		setsid sh "$@" setsid </dev/null >>"${tt_batch_dir}/log" 2>&1 &
	fi
}

## agent_start_by_systemd (script, word, ...):
# The same where root can ask systemd.  It gives a process an environment of its own: what ours is to pass on is named.
agent_start_by_systemd() {
	[ "${tt_uid}" -eq 0 ] && [ -d /run/systemd/system ] && [ "${tt_sandbox}" != 1 ] || return 1
	# shellcheck disable=SC2016 # for the shell that it starts
	set -- sh -c 'exec sh "$@" >>"$0" 2>&1 </dev/null' "${tt_batch_dir}/log" "$@" systemd-run
	HOME=${HOME:-/root}
	export HOME
	_systemd_names='PATH HOME TIMETRIAL_MACHINE_ENV TIMETRIAL_CAPTURE'
	[ "${tt_environment}" != users ] || _systemd_names=$(environment_names '[A-Za-z_]')
	for _systemd_name in ${_systemd_names}; do
		eval "set -- \"--setenv=${_systemd_name}=\${${_systemd_name}-}\" \"\$@\""
	done
	systemd-run --quiet --unit="timetrial-$$-$(date +%s)" --property=OOMPolicy=continue "$@" </dev/null >/dev/null 2>&1
}

## agent_supervise (run, batch, detached):
# Become the supervisor, with the environment that steps are given.  Passed by env, whatever the machine declares is no
# variable of this shell's on the way.
agent_supervise() {
	_supervise_run=$1
	_supervise_batch=$2
	_supervise_how=$3
	unset LC_ALL
	# shellcheck disable=SC2046 # names
	unset $(environment_names TT_) TT_
	# shellcheck disable=SC2046 # names
	environment_keep $(environment_names LC_) $(environment_names CCACHE_) OPENSSL_ia32cap OPENSSL_armcap OPENSSL_CONF \
	    MAKEFLAGS CFLAGS CXXFLAGS CPPFLAGS LDFLAGS ENV BASH_ENV
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
# Set ${tt_payload}: whole lines of the journal from the offset on, at most 20,000 bytes.
agent_payload() {
	tt_payload=
	[ -e "${tt_batch_dir}/journal" ] || : >>"${tt_batch_dir}/journal"
	[ "$(wc -c <"${tt_batch_dir}/journal")" -ge "${tt_offset}" ] ||
		tt_die "${tt_of}: offset ${tt_offset} is beyond the end of the journal"
	tt_payload=$(tail -c "+$((tt_offset + 1))" "${tt_batch_dir}/journal" | head -c 20000 && echo .)
	tt_payload=${tt_payload%.}
	case ${tt_payload} in
	*"${tt_nl}"*) tt_payload=${tt_payload%"${tt_payload##*"${tt_nl}"}"} ;;
	*) tt_payload='' ;;
	esac
}

## agent_reply (of, offset, state):
# Write the frame of ${tt_payload}.  It says `ended` where the journal has its end, and nothing comes after what is here;
# and `running` where there is more.
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
# End the batch of that run that is under way; reply when nothing of it runs.  The helper is asked first, since it knows
# all descendants; then whatever carries the step's mark is killed; then the supervisor.
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
	agent_said "$1/-"
}

## agent_said (of):
# Reply that it is done.
agent_said() {
	tt_payload=
	printf '<<<timetrial 1 begin %s 0 ended\n' "$1"
	if _said_sum=$(printf '' | tt_sha256); then
		printf '>>>timetrial 1 end 0 sha256 %s\n' "${_said_sum}"
	else
		printf '>>>timetrial 1 end 0 cksum 4294967295\n'
	fi
}

## agent_clean (run):
# Remove what the run left here, unless a batch of it is under way.
agent_clean() {
	tt_word run "$1"
	if lock_read && [ "${tt_lock_of%%/*}" = "$1" ]; then
		tt_die "${tt_lock_of} is under way"
	fi
	rm -rf "${tt_home}/runs/$1" || tt_die "cannot remove ${tt_home}/runs/$1"
	agent_said "$1/-"
}

## agent_facts (wanted, ...):
# Reply with the facts, and with what of command:NAME and package:NAME is not here.
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
