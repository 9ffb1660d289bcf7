#!/bin/sh
#
# The lock of the process that measures on this machine, and the journal that it writes.  Sourced, after host.sh.
# shellcheck disable=SC2034,SC2154 # variables are shared with the other files

## lock_read ():
# Set ${tt_lock}, the lock's content, ${tt_lock_of}, its RUN/BATCH, and ${tt_lock_pid}; all empty where there is no
# lock. Succeeds where its holder is alive.
lock_read() {
	tt_lock='' tt_lock_of='' tt_lock_pid=''
	{ read -r tt_lock <"${tt_home}/lock"; } 2>/dev/null || return 1
	read -r _lock_boot tt_lock_pid _lock_birth tt_lock_of <<-EOT
		${tt_lock}
	EOT
	[ "${_lock_boot}" = "${tt_boot_id}" ] || return 1
	host_birth "${tt_lock_pid}"
	host_is_birth "${_lock_birth}"
}

## lock_take (of):
# Take the lock for RUN/BATCH. Fails where a live process holds it. ln creates it, whole or not at all. A dead holder's
# lock is moved away by mv, which only one process can do, checked again, and reported in ${tt_taken_over}.
lock_take() {
	tt_taken_over=
	host_birth $$
	tt_lock_own="${tt_boot_id} $$ ${tt_birth} $1"
	_take_new=${tt_home}/lock.new.$$
	_take_dead=${tt_home}/lock.dead.$$
	_take_left=20
	if ! printf '%s\n' "${tt_lock_own}" >"${_take_new}"; then
		rm -f "${_take_new}"
		tt_die "cannot write the lock: disk full?"
	fi
	while [ "${_take_left}" -gt 0 ]; do
		_take_left=$((_take_left - 1))
		if ln "${_take_new}" "${tt_home}/lock" 2>/dev/null; then
			rm -f "${_take_new}"
			return 0
		fi
		if lock_read; then
			break
		fi
		_take_judged=${tt_lock}
		mv "${tt_home}/lock" "${_take_dead}" 2>/dev/null || continue
		read -r _take_got <"${_take_dead}" || _take_got=
		if [ "${_take_got}" = "${_take_judged}" ]; then
			tt_taken_over=${_take_judged:-an empty lock}
		else
			ln "${_take_dead}" "${tt_home}/lock" 2>/dev/null || :
		fi
		rm -f "${_take_dead}"
	done
	rm -f "${_take_new}"
	return 1
}

## lock_release ():
# Release the lock, if it is ours, and wake the processes that wait.
lock_release() {
	! { read -r _release_got <"${tt_home}/lock"; } 2>/dev/null ||
		[ "${_release_got}" != "${tt_lock_own}" ] || rm -f "${tt_home}/lock"
	batch_wake
}

## batch_wake ():
# Wake the processes that wait for news. Each fifo is opened for reading too, so that it never blocks, even if its
# reader was killed.
batch_wake() {
	for _wake in "${tt_batch_dir}"/w.*; do
		[ ! -p "${_wake}" ] || printf 'x\n' 1<>"${_wake}" || :
	done
}

## journal_reserve ():
# Reserve some disk space for the journal's last lines, in case a step fills the disk.
journal_reserve() {
	_reserve=0123456789abcdef
	while [ "${#_reserve}" -lt 65536 ]; do
		_reserve=${_reserve}${_reserve}${_reserve}${_reserve}
	done
	{ printf '%s' "${_reserve}" >"${tt_batch_dir}/reserve"; } 2>/dev/null || :
	_reserve=''
}

## journal (line):
# Append a line to the journal, with one printf. Where that fails, the reserved space and the step's output are freed, a
# partial line is cut off, and the line is written once more. Where that fails too, the supervisor exits.
journal() {
	if { printf '%s\n' "$1" >>"${tt_batch_dir}/journal"; } 2>/dev/null; then
		return 0
	fi
	rm -f "${tt_batch_dir}/reserve"
	if [ -d "${TT_STEP_DIR:-}" ]; then
		{ : >"${TT_STEP_DIR}/out"; : >"${TT_STEP_DIR}/err"; } 2>/dev/null || :
	fi
	if ! journal_mend || ! printf '%s\n' "$1" >>"${tt_batch_dir}/journal"; then
		tt_die "cannot write the journal of ${tt_of}: disk full?"
	fi
}

## journal_mend ():
# Cut off a torn last line.
journal_mend() {
	_mend=${tt_batch_dir}/journal
	if [ -s "${_mend}" ] && [ "$(tail -c 1 "${_mend}" | wc -l)" -eq 0 ]; then
		sed '$d' "${_mend}" >"${_mend}.new.$$" || return 1
		mv -f "${_mend}.new.$$" "${_mend}"
	fi
}

## journal_ended ():
# Does the journal have its last line, whole?
journal_ended() {
	[ -s "${tt_batch_dir}/journal" ] || return 1
	case $(tail -n 1 "${tt_batch_dir}/journal" 2>/dev/null && echo .) in
	'{"t":"end",'*"${tt_nl}".) return 0 ;;
	*) return 1 ;;
	esac
}
