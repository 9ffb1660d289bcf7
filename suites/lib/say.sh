# Sourced: how a step prints facts, errors and progress.  Every function here may be called by setup, run and check.
# shellcheck shell=sh

## say (name, text):
# Print ${name}=${text} as the protocol wants it: printable ASCII, one line, at most 400 bytes.  Nothing if ${text} is
# empty: what was not found is absent.
say() {
	_say_text=$2
	case ${_say_text} in
	*[!\ -~]*) _say_text=$(printf '%s' "${_say_text}" | tr '\t\n' '  ' | tr -cd ' -~') ;;
	esac
	[ "${#_say_text}" -le 400 ] || _say_text=$(printf '%s' "${_say_text}" | cut -c 1-400)
	[ -z "${_say_text}" ] || printf '%s=%s\n' "$1" "${_say_text}"
}

## die (text):
# Say ${text} on standard error, under the row's name if there is one, and end the step with 1.
die() {
	printf '%s%s\n' "${TT_ROW:+${TT_ROW}: }" "$1" >&2
	exit 1
}

## has (command):
# Is ${command} on PATH?
has() {
	command -v "$1" >/dev/null 2>&1
}

## lacking (command, ...):
# Print those that are not on PATH, with blanks between; 1 where none is lacking.
lacking() {
	_lacking=
	for _lacking_command in "$@"; do
		has "${_lacking_command}" || _lacking="${_lacking:+${_lacking} }${_lacking_command}"
	done
	[ -n "${_lacking}" ] && printf '%s\n' "${_lacking}"
}

## whole (param, value, least, most):
# End the step with 2 unless ${value} is a whole number from ${least} to ${most} (at most nine digits).
whole() {
	case $2 in
	0 | [1-9] | [1-9][0-9]*)
		case $2 in
		*[!0-9]* | ??????????*) ;;
		*) [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ] || return 0 ;;
		esac
		;;
	esac
	printf '%s: expected a whole number from %s to %s, got "%s"\n' "$1" "$3" "$4" "$2" >&2
	exit 2
}

## jobs_of (value):
# Set ${jobs}: what ${value} says, or with "ncpu" the processors online, at least one.  Forks nothing.
jobs_of() {
	jobs=$1
	[ "${jobs}" != ncpu ] || jobs=${TT_NCPU:-1}
	whole jobs "${jobs}" 1 9999
}

## progress (text):
# Write the line that says how far the step is, for the live view.
progress() {
	{
		printf '%s\n' "$1" >"${TT_STEP_DIR}/progress.new" || return 0
		mv -f "${TT_STEP_DIR}/progress.new" "${TT_STEP_DIR}/progress" || return 0
	} 2>/dev/null
}
