#!/bin/sh
#
# What the agent can tell of the machine.  Sourced, after host.sh and capture.sh.
# shellcheck disable=SC2034,SC2154 # variables are shared with the other files

## facts ():
# Print the machine's facts, one line of JSON.
facts() {
	capture_choose || tt_die "capture ${tt_capture_wish} is not to be had here"
	host_clock_start
	host_now
	tt_facts="{\"t\":\"facts\",\"agent\":1"
	fact_text uname "$(uname -s)"
	fact_text release "$(uname -r)"
	fact_text arch "$(uname -m)"
	fact_text os "$(facts_os)"
	fact_text hostname "$(uname -n)"
	fact_number uid "${tt_uid}"
	_facts_sh=$(command -v sh)
	_facts_sh=$(readlink -f "${_facts_sh}" 2>/dev/null) || :
	fact_text sh "${_facts_sh##*/}"
	fact_number ncpu "$(host_ncpu)"
	fact_number memory_bytes "$(facts_memory)"
	facts_cpu
	fact_text boot_id "${tt_boot_id}"
	fact_text host_id "${tt_host_id:-${tt_boot_id}}"
	facts_board
	fact_text board_id "${tt_board_id}"
	fact_text capture "${tt_capture}"
	fact_number real_resolution_s "${tt_real_resolution_s}"
	fact_number cpu_resolution_s "${tt_cpu_resolution_s}"
	tt_facts_env=
	tt_declared facts_declared
	tt_facts=${tt_facts},\"machine_env\":"{${tt_facts_env#,}}"
	tt_facts_tools=
	for _facts_tool in cc python3 node; do
		! command -v "${_facts_tool}" >/dev/null 2>&1 || facts_tool "${_facts_tool}"
	done
	tt_facts=${tt_facts},\"tools\":"{${tt_facts_tools#,}}"
	fact_number disk_free_bytes "$(df -Pk "${tt_home}" | awk 'END { printf "%.0f", $(NF - 2) * 1024 }')"
	fact_text at "${tt_at}"
	printf '%s}\n' "${tt_facts}"
}

## fact_text (name, text):
# Add a fact, cut at 4,000 bytes, unless it is empty.
fact_text() {
	[ -n "$2" ] || return 0
	_fact_text=$2
	[ "${#_fact_text}" -le 4000 ] || _fact_text=$(printf '%s' "${_fact_text}" | cut -c 1-4000)
	json_text "${_fact_text}"
	tt_facts=${tt_facts},\"$1\":${tt_json}
}

## fact_number (name, number):
# Add a fact, unless it is no number.
fact_number() {
	case $2 in
	'' | *[!0-9.]*) ;;
	*) tt_facts=${tt_facts},\"$1\":$2 ;;
	esac
}

## facts_declared (name, value):
# Add a line of the machine's declaration, at most 40 of them and 4,000 bytes.
facts_declared() {
	json_text "$2"
	_facts_declared=${tt_facts_env},\"$1\":${tt_json}
	[ "${#_facts_declared}" -gt 4000 ] || tt_facts_env=${_facts_declared}
}

## facts_tool (command):
# Add the first line of what it says of its version.
facts_tool() {
	_facts_version=$("$1" --version 2>/dev/null | head -n 1 | cut -c 1-200) || return 0
	json_text "${_facts_version}"
	tt_facts_tools=${tt_facts_tools},\"$1\":${tt_json}
}

## facts_os ():
# Print the system's own name.
facts_os() {
	if [ -r /etc/os-release ]; then
		sed -n 's/^PRETTY_NAME=//p' /etc/os-release | tr -d \"\' | head -n 1
	elif command -v freebsd-version >/dev/null 2>&1; then
		echo "FreeBSD $(freebsd-version -u)"
	fi
}

## facts_board ():
# Set ${tt_board_id}: what identifies this computer, virtual or not, whichever kernel or container asks; empty where it
# is not told (on Linux, to root alone) or where the maker left a placeholder.
facts_board() {
	tt_board_id=
	if [ -r /sys/class/dmi/id/product_uuid ]; then
		read -r tt_board_id </sys/class/dmi/id/product_uuid || :
	elif [ -r /proc/device-tree/serial-number ]; then
		tt_board_id=$(tr -d '\000' </proc/device-tree/serial-number)
	else
		tt_board_id=$(kenv -q smbios.system.uuid 2>/dev/null || sysctl -n kern.hostuuid 2>/dev/null) || :
	fi
	facts_board_known "${tt_board_id}" || tt_board_id=
}

## facts_board_known (identity):
# Is it one board's own, and not one digit throughout or what firmware comes with?
facts_board_known() {
	case $1 in
	*[!0-]*[!0-]*) ;;
	*) return 1 ;;
	esac
	case $1 in
	*[!Ff-]*) ;;
	*) return 1 ;;
	esac
	case $1 in
	03000200-0400-0500-0006-000700080009 | 12345678-1234-5678-90[Aa][Bb]-[Cc][Dd][Dd][Ee][Ee][Ff][Aa][Aa][Bb][Bb][Cc][Cc] | \
	    Not\ * | To\ [Bb]e\ * | [Dd]efault*) return 1 ;;
	esac
}

## facts_memory ():
# Print the bytes of memory.
facts_memory() {
	if [ -r /proc/meminfo ]; then
		awk '/^MemTotal:/ { printf "%.0f", $2 * 1024; exit }' /proc/meminfo
	else
		sysctl -n hw.physmem
	fi
}

## facts_cpu ():
# Add the processor's name and what it can do.  Where the kernel has no name (arm64), its implementer and part.
facts_cpu() {
	if [ -r /proc/cpuinfo ]; then
		_facts_model=$(sed -n 's/^model name[[:space:]]*: *//p' /proc/cpuinfo | head -n 1)
		[ -n "${_facts_model}" ] || _facts_model=$(awk -F': *' '
			/^CPU implementer/ { who = $2 }
			/^CPU part/ { print "implementer " who " part " $2; exit }' /proc/cpuinfo)
		fact_text cpu_model "${_facts_model}"
		fact_text cpu_flags "$(awk -F': *' '/^(flags|Features)/ { print $2; exit }' /proc/cpuinfo)"
	else
		fact_text cpu_model "$(sysctl -n hw.model)"
		fact_text cpu_flags "$(sed -n 's/.*Features[0-9]*=0x[0-9a-f]*<\(.*\)>.*/\1/p' /var/run/dmesg.boot |
			tr ',\n' '  ' 2>/dev/null)"
	fi
}
