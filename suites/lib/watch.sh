# Sourced, after say.sh: reports the progress of a step that takes hours.
# shellcheck shell=sh

## watched (pattern, cmd, ...):
# Run ${cmd}, its output and errors on this step's standard output, so that the record keeps their last lines however
# the step ends.  Every 30 s the last of those lines that match ${pattern} (a basic regular expression) becomes the
# step's progress: some 5 ms of CPU in 30 s.  Returns ${cmd}'s status.
watched() {
	_watched_pattern=$1
	shift
	watch_output "${_watched_pattern}" &
	_watched_pid=$!
	_watched_status=0
	"$@" 2>&1 || _watched_status=$?
	# A command that ends at once is ahead of its watcher: mksh loses a signal that comes before the trap is set.
	_watched_tries=0
	until [ -e "${TT_STEP_DIR}/watching" ] || [ "${_watched_tries}" -eq 50 ]; do
		_watched_tries=$((_watched_tries + 1))
		sleep 0.1
	done
	rm -f "${TT_STEP_DIR}/watching"
	kill "${_watched_pid}" 2>/dev/null || true
	wait "${_watched_pid}" 2>/dev/null || true
	return "${_watched_status}"
}

## watch_output (pattern):
# The watcher: ends, with the sleep that it waits in, on a SIGTERM.  The file watching says that it can be sent one.
watch_output() {
	trap 'kill $! 2>/dev/null; exit 0' TERM
	exec </dev/null >/dev/null 2>&1
	while :; do
		sleep "${watch_every_s:-30}" &
		true >"${TT_STEP_DIR}/watching" || true
		wait $! || true
		_watch_line=$(tail -c 60000 "${TT_STEP_DIR}/out" | grep -e "$1" | tail -n 1 | cut -c 1-200)
		[ -z "${_watch_line}" ] || progress "${_watch_line}"
	done
}
