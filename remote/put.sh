#!/bin/sh
#
# Puts files on a machine that has nothing yet.  The client sends this text followed by calls of its functions; agent.sh
# sources it for the home folder.  Each call may be repeated, and damaged data is refused.
# shellcheck disable=SC2034 # variables for agent.sh, which sources this
set -eu

## tt_die (text):
# Print ${text} to standard error and exit with 1.
tt_die() {
	printf 'timetrial: %s\n' "$1" >&2
	exit 1
}

## tt_word (what, text):
# Exit unless ${text} is a valid file name: [A-Za-z0-9._-]+, no dot or dash in front, at most 100 characters.
tt_word() {
	case $2 in
	'' | .* | -* | *[!A-Za-z0-9._-]*) tt_die "$1: expected [A-Za-z0-9._-]+ without a dot or dash in front" ;;
	esac
	[ "${#2}" -le 100 ] || tt_die "$1: expected at most 100 characters, got ${#2}"
}

## tt_number (what, text):
# Exit unless ${text} is a whole number of at most 9 digits.
tt_number() {
	case $2 in
	'' | *[!0-9]* | 0?* | ??????????*) tt_die "$1: expected a whole number of at most 9 digits" ;;
	esac
}

## tt_declared (function):
# Call ${function} NAME VALUE for each line of the machine's declaration file.  Nothing in it is evaluated, and lines
# that are not NAME=VALUE are ignored.
tt_declared() {
	_declared_file=${TIMETRIAL_MACHINE_ENV:-/etc/timetrial/machine.env}
	[ -r "${_declared_file}" ] || return 0
	while IFS= read -r _declared_line || [ -n "${_declared_line}" ]; do
		case ${_declared_line%%=*} in
		"${_declared_line}" | '' | [0-9]* | *[!A-Za-z0-9_]*) continue ;;
		esac
		"$1" "${_declared_line%%=*}" "${_declared_line#*=}"
	done <"${_declared_file}"
}

## tt_declared_own (name, value):
# Set the variables of the declaration that the agent itself uses.
tt_declared_own() {
	case $1 in
	TIMETRIAL_HOME) tt_home=$2 ;;
	TIMETRIAL_PATH_FIRST)
		case ${PATH}: in
		"$2":*) ;;
		*) PATH=$2:${PATH} ;;
		esac
		;;
	TIMETRIAL_CAPTURE) tt_capture_wanted=$2 ;;
	TIMETRIAL_SANDBOX) tt_sandbox=$2 ;;
	TIMETRIAL_HOST_ID) tt_host_id=$2 ;;
	esac
}

## tt_uid_find ():
# Set ${tt_uid} to the effective user.  On Linux the shell itself can read it.
tt_uid_find() {
	tt_uid=
	[ ! -r /proc/self/status ] || while read -r _uid_name _ _uid_effective _; do
		[ "${_uid_name}" != Uid: ] || { tt_uid=${_uid_effective}; break; }
	done </proc/self/status
	[ -n "${tt_uid}" ] || tt_uid=$(id -u)
}

# The home that tt_home_find found in this process.
tt_home_found=''

## tt_home_find ():
# Set ${tt_home}, creating it if necessary, and ${tt_uid}.  Exits unless it is our own folder with mode 0700.  It looks
# once in a process: nobody but us and root could have changed what it saw, since others may neither write in our folder
# nor, in one like /var/tmp, put another in its place.
tt_home_find() {
	[ -z "${tt_home_found}" ] || return 0
	tt_uid_find
	tt_home=/var/tmp/timetrial-${tt_uid}
	tt_capture_wanted=${TIMETRIAL_CAPTURE:-}
	tt_sandbox=
	tt_host_id=
	tt_declared tt_declared_own
	export PATH
	case ${tt_home} in
	/*) ;;
	*) tt_die "TIMETRIAL_HOME: expected an absolute path, got \"${tt_home}\"" ;;
	esac
	if [ ! -d "${tt_home}" ]; then
		mkdir -p "${tt_home%/*}/"
		mkdir -m 0700 "${tt_home}" 2>/dev/null || :
	fi
	# "drwx------ links owner ...", in numbers.  SELinux adds a dot after the mode.
	_home_seen=$(LC_ALL=C ls -ldn "${tt_home}" 2>/dev/null) || tt_die "cannot make ${tt_home}"
	_home_mode=${_home_seen%% *}
	read -r _ _ _home_owner _ <<-EOT
		${_home_seen}
	EOT
	case ${_home_mode%.}/${_home_owner} in
	"drwx------/${tt_uid}") ;;
	*) tt_die "${tt_home}: expected a folder of user ${tt_uid} with mode 0700, got ${_home_mode} of ${_home_owner}" ;;
	esac
	if [ ! -d "${tt_home}/ship" ] || [ ! -d "${tt_home}/inbox" ] || [ ! -d "${tt_home}/runs" ]; then
		tt_home_runs
		mkdir -p "${tt_home}/ship" "${tt_home}/inbox" "${tt_home}/runs" || tt_die "cannot write to ${tt_home}"
	fi
	tt_home_found=${tt_home}
}

## tt_home_runs ():
# Exit unless programs can run from ${tt_home}: the helper and what suites build do.  It runs one to find out, since a
# file system that is mounted noexec looks like any other.
tt_home_runs() {
	_runs_file=${tt_home}/runs.$$
	printf '#!/bin/sh\nexit 0\n' >"${_runs_file}" || tt_die "cannot write to ${tt_home}"
	chmod 0700 "${_runs_file}"
	_runs_status=0
	"${_runs_file}" 2>/dev/null || _runs_status=$?
	rm -f "${_runs_file}"
	[ "${_runs_status}" -eq 0 ] ||	\
	    tt_die "no program may be run from ${tt_home}: its file system is mounted noexec; name a folder elsewhere by a line TIMETRIAL_HOME=/FOLDER in ${TIMETRIAL_MACHINE_ENV:-/etc/timetrial/machine.env}"
}

## tt_sha256 ():
# Print the SHA-256 of standard input, in hex.  Fails where no tool for it is found.
tt_sha256() {
	if command -v sha256sum >/dev/null 2>&1; then
		_sha256=$(sha256sum)
	elif command -v sha256 >/dev/null 2>&1; then
		_sha256=$(sha256 -q)
	elif command -v openssl >/dev/null 2>&1; then
		_sha256=$(openssl dgst -sha256 -r)
	else
		return 1
	fi
	printf '%s\n' "${_sha256%% *}"
}

## tt_receive (what, file, digest):
# Decode base64 from standard input to ${file}.new.$$ and move it to ${file} if its SHA-256 is ${digest}; exit if not.
# The lines are short, since openssl silently drops long ones.
tt_receive() {
	_receive_new=$2.new.$$
	if command -v base64 >/dev/null 2>&1; then
		base64 -d >"${_receive_new}" 2>/dev/null || :
	elif command -v b64decode >/dev/null 2>&1; then
		b64decode -r >"${_receive_new}" 2>/dev/null || :
	else
		openssl base64 -d >"${_receive_new}" 2>/dev/null || :
	fi
	_receive_got=$(tt_sha256 <"${_receive_new}") || tt_die "no tool for SHA-256 (sha256sum, sha256, openssl)"
	if [ "${_receive_got}" != "$3" ]; then
		rm -f "${_receive_new}"
		tt_die "$1 arrived damaged: expected SHA-256 $3, got ${_receive_got}"
	fi
	mv -f "${_receive_new}" "$2"
}

## tt_tools ():
# Exit unless all tools exist that the agent needs, naming all missing ones at once.
tt_tools() {
	_tools_missing=
	for _tools_name in tar gzip sed awk grep; do
		command -v "${_tools_name}" >/dev/null 2>&1 || _tools_missing="${_tools_missing} ${_tools_name}"
	done
	[ -z "${_tools_missing}" ] || tt_die "this machine has no${_tools_missing}: install them"
}

## tt_have (archive digest):
# Print "have DIGEST" or "want DIGEST". An archive that was changed since it was unpacked is removed and wanted again:
# the home folder outlives runs, and the timed files must be those of the digest.
tt_have() {
	tt_tools
	tt_home_find
	tt_word digest "$1"
	if tt_unchanged "$1"; then
		# An archive that is asked for is kept for another week.
		touch "${tt_home}/ship/$1.ok"
		echo "have $1"
		return 0
	fi
	if [ -e "${tt_home}/ship/$1.ok" ]; then
		rm -f "${tt_home}/ship/$1.ok"
		mv "${tt_home}/ship/$1" "${tt_home}/ship/changed.$$" 2>/dev/null || :
		rm -rf "${tt_home}/ship/changed.$$"
	fi
	echo "want $1"
}

## tt_sums (folder):
# Print a line with the SHA-256 of each file below ${folder}, sorted.
tt_sums() {
	_sums=sha256sum
	command -v sha256sum >/dev/null 2>&1 || _sums=sha256
	command -v "${_sums}" >/dev/null 2>&1 || _sums='openssl dgst -sha256 -r'
	# shellcheck disable=SC2086 # a command and its words
	(cd "$1" 2>/dev/null && find . -type f -exec ${_sums} {} + | LC_ALL=C sort)
}

## tt_unchanged (archive digest):
# Does ship/DIGEST exist with each of its files as it was unpacked?  Other files in it do not matter.
tt_unchanged() {
	[ -s "${tt_home}/ship/$1.ok" ] || return 1
	_unchanged_now=${tt_home}/inbox/now.$$
	tt_sums "${tt_home}/ship/$1" >"${_unchanged_now}"
	_unchanged_status=0
	grep -Fxq -v -f "${_unchanged_now}" "${tt_home}/ship/$1.ok" && _unchanged_status=1
	rm -f "${_unchanged_now}"
	return "${_unchanged_status}"
}

## tt_part (archive digest, index, digest of the part):
# Read one part of an archive, in base64, from standard input.
tt_part() {
	tt_home_find
	tt_word digest "$1"
	tt_number index "$2"
	[ -e "${tt_home}/ship/$1.ok" ] || tt_receive "part $2 of $1" "${tt_home}/inbox/$1.$2" "$3"
}

## tt_join (archive digest, number of parts):
# Join the parts to a .tar.gz, verify it and unpack it into ship/DIGEST; print "ok DIGEST".
tt_join() {
	tt_home_find
	tt_word digest "$1"
	tt_number count "$2"
	if [ ! -e "${tt_home}/ship/$1.ok" ]; then
		tt_unpack "$1" "$2"
		tt_sums "${tt_home}/ship/$1" >"${tt_home}/ship/$1.ok.$$"
		mv -f "${tt_home}/ship/$1.ok.$$" "${tt_home}/ship/$1.ok"
		_join_i=0
		while [ "${_join_i}" -lt "$2" ]; do
			rm -f "${tt_home}/inbox/$1.${_join_i}"
			_join_i=$((_join_i + 1))
		done
	fi
	echo "ok $1"
}

## tt_unpack (archive digest, number of parts):
# Make ship/DIGEST of the parts.  It appears whole or not at all.  Where two calls race, the second one removes its own.
tt_unpack() {
	_unpack_whole=${tt_home}/inbox/$1.whole.$$
	_unpack_new=${tt_home}/ship/new.$$
	rm -rf "${_unpack_new}"
	_unpack_i=0
	: >"${_unpack_whole}.gz"
	while [ "${_unpack_i}" -lt "$2" ]; do
		if ! cat "${tt_home}/inbox/$1.${_unpack_i}" >>"${_unpack_whole}.gz" 2>/dev/null; then
			rm -f "${_unpack_whole}.gz"
			[ ! -e "${tt_home}/ship/$1.ok" ] || return 0
			tt_die "part ${_unpack_i} of $1 is missing"
		fi
		_unpack_i=$((_unpack_i + 1))
	done
	_unpack_got=$(tt_sha256 <"${_unpack_whole}.gz") || tt_die "no tool for SHA-256 (sha256sum, sha256, openssl)"
	[ "${_unpack_got}" = "$1" ] || tt_die "archive: expected SHA-256 $1, got ${_unpack_got}"
	gzip -dc "${_unpack_whole}.gz" >"${_unpack_whole}" || tt_die "archive $1: cannot decompress it"
	mkdir "${_unpack_new}"
	(cd "${_unpack_new}" && tar -xf "${_unpack_whole}") || tt_die "archive $1: cannot unpack it"
	rm -f "${_unpack_whole}" "${_unpack_whole}.gz"
	[ -d "${tt_home}/ship/$1" ] || mv "${_unpack_new}" "${tt_home}/ship/$1"
	rm -rf "${_unpack_new}" "${tt_home}/ship/$1/new.$$"
}

## tt_plan (run, batch, digest of the plan):
# Store a batch's plan, in base64 from standard input.  An existing different plan of the same name is not replaced.
tt_plan() {
	tt_home_find
	tt_word run "$1"
	tt_word batch "$2"
	_plan_folder=${tt_home}/runs/$1/batches/$2
	mkdir -p "${_plan_folder}"
	if [ -e "${_plan_folder}/plan" ]; then
		[ "$(tt_sha256 <"${_plan_folder}/plan")" = "$3" ] || tt_die "$1/$2: another plan of this name is there"
		return 0
	fi
	tt_receive "the plan of $1/$2" "${_plan_folder}/plan" "$3"
}

## tt_agent (archive digest, verb, ...):
# Call the agent that was shipped in that archive.
tt_agent() {
	tt_home_find
	tt_word digest "$1"
	_agent_file=${tt_home}/ship/$1/agent.sh
	[ -e "${tt_home}/ship/$1.ok" ] || tt_die "no agent $1 on this machine"
	shift
	sh "${_agent_file}" "$@" || exit 1
}
