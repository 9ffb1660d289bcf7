#!/bin/sh
#
# The environment of a command of the user's own: on the user's machine the user's environment, elsewhere that of a
# login. The agent's own tools keep LC_ALL=C, and suites get a fixed environment. Variables that are cleared for them
# are passed to the supervisor as TIMETRIAL_KEPT_NAME and set again for the user's commands only. Sourced.
# shellcheck disable=SC2034,SC2154 # variables are shared with the other files

## environment_is_users (batch's folder):
# Is the batch's suite one of the user's own commands?
environment_is_users() {
	while read -r _users_verb _ _users_suite; do
		[ "${_users_verb}" != suite ] || break
	done <"$1/plan"
	[ -e "${tt_home}/ship/${_users_suite}/environment.words" ]
}

## environment_keep (name, ...):
# Save those of the variables that are set as TIMETRIAL_KEPT_NAME, and unset them.
environment_keep() {
	for _keep_name; do
		eval "_keep_value=\${${_keep_name}-} _keep_set=\${${_keep_name}+yes}"
		[ -n "${_keep_set}" ] || continue
		unset "${_keep_name}"
		export "TIMETRIAL_KEPT_${_keep_name}=${_keep_value}"
	done
}

## environment_names (prefix):
# Set ${tt_names} to the names of exported variables that start with ${prefix}, a pattern.  The shell itself lists them,
# as lines `export NAME=VALUE` or, bash outside of its POSIX mode, `declare -x NAME=VALUE`.
environment_names() {
	tt_names=
	_names_ifs=${IFS}
	set -f
	IFS=${tt_nl}
	for _names_line in $(export -p); do
		_names_line=${_names_line#export }
		_names_line=${_names_line#declare -* }
		_names_name=${_names_line%%=*}
		case ${_names_name} in
		"${_names_line}" | *[!A-Za-z0-9_]*) ;;
		$1*) tt_names="${tt_names} ${_names_name}" ;;
		esac
	done
	IFS=${_names_ifs}
	set +f
}

## environment_login ():
# Set the environment of a login: the variables of the call, those of the system's files, and those of the profiles.
# Profiles that do not run to their end are ignored.  LC_ALL is saved again, since the agent has its own.
environment_login() {
	set +eu
	unset LC_ALL
	[ -z "${TIMETRIAL_KEPT_LC_ALL+x}" ] || export LC_ALL="${TIMETRIAL_KEPT_LC_ALL}"
	unset TIMETRIAL_KEPT_LC_ALL
	IFS=: read -r _login_name _ _ _ _ _login_home _login_shell <<-EOT
		$(awk -F : -v uid="${tt_uid}" '$3 == uid { print; exit }' /etc/passwd)
	EOT
	export HOME="${HOME:-${_login_home:-/}}" USER="${USER:-${_login_name}}"
	export LOGNAME="${LOGNAME:-${USER}}" SHELL="${SHELL:-${_login_shell:-/bin/sh}}"
	for _login_file in /etc/environment /etc/default/locale; do
		[ -r "${_login_file}" ] || continue
		while IFS= read -r _login_line || [ -n "${_login_line}" ]; do
			_login_name=${_login_line%%=*}
			case ${_login_name} in
			"${_login_line}" | '' | [0-9]* | *[!A-Za-z0-9_]*) continue ;;
			esac
			eval "_login_set=\${${_login_name}+yes}"
			_login_line=${_login_line#*=}
			_login_line=${_login_line#\"}
			[ -n "${_login_set}" ] || export "${_login_name}=${_login_line%\"}"
		done <"${_login_file}"
	done
	_login_proved=$( (environment_profiles >/dev/null 2>&1; echo proved) </dev/null)
	[ "${_login_proved}" != proved ] || environment_profiles >/dev/null 2>&1 </dev/null
	[ -z "${LC_ALL+x}" ] || export TIMETRIAL_KEPT_LC_ALL="${LC_ALL}"
	export LC_ALL=C
}

## environment_profiles ():
# Source the profiles that a login shell sources.
environment_profiles() {
	# shellcheck source=/dev/null
	[ ! -r /etc/profile ] || . /etc/profile
	# shellcheck source=/dev/null
	[ ! -r "${HOME}/.profile" ] || . "${HOME}/.profile"
}

## environment_put_aside ():
# Turn TIMETRIAL_KEPT_NAME variables into unexported variables of this shell, which steps do not see.
environment_put_aside() {
	tt_kept=
	environment_names TIMETRIAL_KEPT_
	for _aside_name in ${tt_names}; do
		_aside_plain=${_aside_name#TIMETRIAL_KEPT_}
		eval "tt_kept_${_aside_plain}=\${${_aside_name}}"
		unset "${_aside_name}"
		tt_kept="${tt_kept} ${_aside_plain}"
	done
}

## environment_become ():
# In a subshell that will run a step of the user's own commands: set the saved variables and those of --env.
environment_become() {
	unset LC_ALL TIMETRIAL_LOCAL
	for _become_name in ${tt_kept}; do
		eval "export \"${_become_name}=\${tt_kept_${_become_name}}\""
	done
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/words.sh"
	words_call environment_set "${TT_SUITE_DIR}/environment.words"
}

## environment_set (NAME=VALUE, ...):
# Export the variables.
environment_set() {
	for _set_pair; do
		export "${_set_pair?}"
	done
}
