#!/bin/sh
#
# Collects the facts of the machine.  Sourced, after host.sh and capture.sh.
# shellcheck disable=SC2034,SC2154 # variables are shared with the other files

## facts (wanted, ...):
# Print the machine's facts, one line of JSON, with those of command:NAME and package:NAME that are missing.
facts() {
	capture_choose || tt_die "capture ${tt_capture_wanted} is not to be had here"
	host_clock_start
	host_now
	tt_facts="{\"t\":\"facts\",\"agent\":1"
	tt_uname=$(uname -s)
	# "NAME RELEASE ARCH", whatever the order of the options. FreeBSD's name may be empty.
	_facts_uname=$(uname -nrm)
	_facts_arch=${_facts_uname##* }
	_facts_uname=${_facts_uname% *}
	_facts_release=${_facts_uname##* }
	fact_text uname "${tt_uname}"
	fact_text release "${_facts_release}"
	fact_text arch "${_facts_arch}"
	facts_os
	fact_text hostname "${_facts_uname% *}"
	fact_number uid "${tt_uid}"
	_facts_sh=$(command -v sh)
	_facts_sh=$(readlink -f "${_facts_sh}" 2>/dev/null) || :
	fact_text sh "${_facts_sh##*/}"
	fact_number ncpu "$(host_ncpu)"
	fact_number memory_bytes "$(facts_memory)"
	facts_cpu
	facts_hardware
	fact_text libc "$(facts_libc)"
	fact_text boot_id "${tt_boot_id}"
	fact_text host_id "${tt_host_id:-${tt_boot_id}}"
	facts_board
	fact_text board_id "${tt_board_id}"
	fact_text capture "${tt_capture}"
	fact_number real_resolution_s "${tt_real_resolution_s}"
	fact_number cpu_resolution_s "${tt_cpu_resolution_s}"
	fact_number capture_fixed_s "${tt_fixed_s}"
	facts_counters
	tt_facts_env=
	tt_declared facts_declared
	tt_facts=${tt_facts},\"machine_env\":"{${tt_facts_env#,}}"
	tt_facts_tools=
	for _facts_tool in cc python3 node; do
		! command -v "${_facts_tool}" >/dev/null 2>&1 || facts_tool "${_facts_tool}"
	done
	tt_facts=${tt_facts},\"tools\":"{${tt_facts_tools#,}}"
	fact_number disk_free_bytes "$(df -Pk "${tt_home}" | awk 'END { printf "%.0f", $(NF - 2) * 1024 }')"
	tt_facts_lacks=
	for _facts_wanted; do
		"facts_has_${_facts_wanted%%:*}" "${_facts_wanted#*:}" >/dev/null 2>&1 ||
			tt_facts_lacks=${tt_facts_lacks},\"${_facts_wanted}\"
	done
	tt_facts=${tt_facts},\"lacks\":"[${tt_facts_lacks#,}]"
	facts_boot
	fact_text at "${tt_at}"
	printf '%s}\n' "${tt_facts}"
}

## facts_has_command (name):
# Does the command exist?
facts_has_command() {
	command -v "$1"
}

## facts_has_package (name):
# Is the package installed, by the system's own package manager?
facts_has_package() {
	if command -v dpkg-query; then
		dpkg-query -W -f '${Status}.' "$1" | grep -q ' installed\.'
	elif command -v rpm; then
		rpm -q "$1"
	else
		pkg -N info -e "$1"
	fi
}

## fact_text (name, text):
# Add a fact, cut at 4,000 bytes, unless it is empty.
fact_text() {
	[ -n "$2" ] || return 0
	facts_json "$2" 4000
	tt_facts=${tt_facts},\"$1\":${tt_json}
}

## facts_json (text, bytes):
# Set ${tt_json} as json_text does, of at most so many bytes.
facts_json() {
	_facts_text=$1
	[ "${#_facts_text}" -le "$2" ] || _facts_text=$(printf '%s' "${_facts_text}" | cut -c "1-$2")
	json_text "${_facts_text}"
}

## fact_number (name, number):
# Add a fact, if it is a number.
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
# Add the first line of the command's version output.
facts_tool() {
	_facts_version=$("$1" --version 2>/dev/null) || :
	facts_json "${_facts_version%%"${tt_nl}"*}" 200
	tt_facts_tools=${tt_facts_tools},\"$1\":${tt_json}
}

## facts_os ():
# Add the system's own name.
facts_os() {
	if [ -r /etc/os-release ]; then
		while IFS= read -r _os_line || [ -n "${_os_line}" ]; do
			case ${_os_line} in
			PRETTY_NAME=*)
				_os_line=${_os_line#PRETTY_NAME=}
				_os_line=${_os_line#[\"\']}
				fact_text os "${_os_line%[\"\']}"
				break
				;;
			esac
		done </etc/os-release
	elif command -v freebsd-version >/dev/null 2>&1; then
		fact_text os "FreeBSD $(freebsd-version -u)"
	fi
}

## facts_board ():
# Set ${tt_board_id}, which identifies this computer, virtual or not, for every kernel and container; empty where it
# cannot be read (on Linux, only root can) or where the maker left a placeholder.
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
# Is the identity unique to one board, not a single repeated digit or a default of firmware?
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

## facts_boot ():
# Add whether this is the first boot (FreeBSD), and the state of timetrial's user-data.
facts_boot() {
	[ ! -e "${TIMETRIAL_ROOT:-}/firstboot" ] || [ "${tt_uname}" != FreeBSD ] || tt_facts=${tt_facts},\"first_boot\":true
	_facts_state=$(facts_user_data "${TIMETRIAL_ROOT:-}/var/db/timetrial")
	[ -z "${_facts_state}" ] || fact_text user_data "${_facts_state}"
}

## facts_user_data (dir):
# Print the state of the user-data, by its marks in ${dir}: `done`, `running`, or `broken` where its process is gone;
# print nothing where it has not begun.
facts_user_data() {
	if [ -e "$1/ready" ]; then
		echo "done"
	elif [ -r "$1/begun" ] && read -r _facts_pid _facts_since <"$1/begun"; then
		case ${_facts_pid} in '' | *[!0-9]*) return 0 ;; esac
		# Another process may have the same pid by now, but not the same start time.
		host_birth "${_facts_pid}"
		if host_is_birth "${_facts_since:-${tt_birth}}"; then
			echo running
		# It may have finished meanwhile.
		elif [ -e "$1/ready" ]; then
			echo "done"
		else
			echo broken
		fi
	fi
}

## facts_cpu ():
# Add the processor's name and features.  Where the kernel has no name (arm64), add its implementer and part.  Sets
# ${tt_cpu_mhz} to its clock on Linux; empty where the kernel does not tell it.
facts_cpu() {
	if [ -r /proc/cpuinfo ]; then
		tt_cpu_mhz=
		{ read -r _facts_model && read -r _facts_flags && read -r tt_cpu_mhz; } <<-EOT || :
			$(facts_cpuinfo </proc/cpuinfo)
		EOT
		fact_text cpu_model "${_facts_model}"
		fact_text cpu_flags "${_facts_flags}"
	else
		fact_text cpu_model "$(sysctl -n hw.model)"
		fact_text cpu_flags "$(facts_flags </var/run/dmesg.boot 2>/dev/null)"
	fi
}

## facts_cpuinfo ():
# Print three lines of what /proc/cpuinfo, on standard input, has of the first processor: name, features, clock in MHz.
facts_cpuinfo() {
	awk '
		{ value = $0; sub(/^[^:]*: */, "", value) }
		/^model name/ && model == "" { model = value }
		/^(flags|Features)/ && flags == "" { flags = value }
		/^cpu MHz/ && mhz == "" { mhz = sprintf("%.0f", value) }
		/^CPU implementer/ { who = value }
		/^CPU part/ && part == "" { part = "implementer " who " part " value }
		model != "" && flags != "" && mhz != "" { exit }
		END { print (model != "" ? model : part) "\n" flags "\n" mhz }'
}

## facts_flags ():
# Print the features that FreeBSD's boot messages, on standard input, give the processor, in Linux's words: on arm64
# "SHA2+SHA512" is there sha2 and sha512; on x86 "AESNI" and "SHA" are there aes and sha_ni.
facts_flags() {
	# The features of AArch32 do not apply here.
	sed -n										\
	    -e '/AArch32/d'								\
	    -e '/.*Features[0-9]*=0x[0-9a-f]*</{
		s/.*Features[0-9]*=0x[0-9a-f]*<\(.*\)>.*/,\1,/
		y/ABCDEFGHIJKLMNOPQRSTUVWXYZ/abcdefghijklmnopqrstuvwxyz/
		s/,aesni,/,aes,/
		s/,sha,/,sha_ni,/
		s/,sse3,/,pni,/
		s/,sse4\./,sse4_/g
		s/,tscdlt,/,tsc_deadline_timer,/
		s/,avx512vnni,/,avx512_vnni,/
		s/,avx512bitalg,/,avx512_bitalg,/
		s/,avx512vpopcntdq,/,avx512_vpopcntdq,/
		s/,avx512vbmi2,/,avx512_vbmi2,/
		s/^,//
		s/,$//
		p
	    }'										\
	    -e '/Instruction Set Attributes [0-9] = </{
		s/.*<\(.*\)>.*/\1/
		y/ABCDEFGHIJKLMNOPQRSTUVWXYZ+/abcdefghijklmnopqrstuvwxyz,/
		p
	    }' | tr ',\n' '  '
}

## facts_hardware ():
# Add the clock, caches and threads of the first processor, as far as the kernel provides them.
facts_hardware() {
	_hw=/sys/devices/system/cpu/cpu0
	if [ -d "${_hw}" ]; then
		fact_number cpu_mhz "${tt_cpu_mhz}"
		{ read -r _hw_khz <"${_hw}/cpufreq/cpuinfo_max_freq"; } 2>/dev/null || _hw_khz=
		case ${_hw_khz} in
		'' | *[!0-9]*) ;;
		*) fact_number cpu_max_mhz "$((_hw_khz / 1000))" ;;
		esac
		# "0-1", "0,32": the numbers of the threads that share a core.
		# The kernel refuses to give that file in single bytes, as shells read.
		fact_number threads_per_core "$(awk -F, '{
			for (i = 1; i <= NF; i++) n += split($i, ends, "-") > 1 ? ends[2] - ends[1] + 1 : 1
			print n }' "${_hw}/topology/thread_siblings_list" 2>/dev/null)"
		facts_caches
	else
		fact_number cpu_mhz "$(sysctl -n dev.cpu.0.freq 2>/dev/null)"
		# "2600/95000 1300/40000": the highest comes first.
		_hw_levels=$(sysctl -n dev.cpu.0.freq_levels 2>/dev/null) || _hw_levels=
		fact_number cpu_max_mhz "${_hw_levels%%/*}"
		fact_number threads_per_core "$(sysctl -n kern.smp.threads_per_core 2>/dev/null)"
	fi
}

## facts_caches ():
# Add the caches: "L1d 32K, L1i 32K, L2 1024K, L3 32768K".
facts_caches() {
	_caches=
	for _caches_one in "${_hw}"/cache/index[0-9]*; do
		read -r _caches_level 2>/dev/null <"${_caches_one}/level" || continue
		read -r _caches_type 2>/dev/null <"${_caches_one}/type" || continue
		read -r _caches_size 2>/dev/null <"${_caches_one}/size" || continue
		case ${_caches_type} in
		Data) _caches_level=${_caches_level}d ;;
		Instruction) _caches_level=${_caches_level}i ;;
		esac
		_caches="${_caches}, L${_caches_level} ${_caches_size}"
	done
	fact_text caches "${_caches#, }"
}

## facts_counters ():
# Add which of the processor's counters can be read and whether the kernel's part is counted too, or why there are none;
# and the clock.
facts_counters() {
	capture_clock_hz
	[ -z "${tt_clock_hz}" ] ||
		tt_facts="${tt_facts},\"clock_hz\":{\"least\":${tt_clock_hz},\"most\":${tt_clock_hz}}"
	if [ "${tt_capture}" != cc ]; then
		fact_text no_counters "timed by ${tt_capture}, which reads none"
		return 0
	fi
	_counters=$("${tt_helper}" --counters 2>/dev/null) || return 0
	while IFS='=' read -r _counters_name _counters_value; do
		case ${_counters_name} in
		counters | counted | no_counters) fact_text "${_counters_name}" "${_counters_value}" ;;
		esac
	done <<-EOT
		${_counters}
	EOT
}

## facts_libc ():
# Print the C library's name and version, unless it is a part of the system.
facts_libc() {
	if getconf GNU_LIBC_VERSION 2>/dev/null; then
		return 0
	elif [ "${tt_uname}" = Linux ]; then
		ldd --version 2>&1 | awk '/^musl/ { musl = 1 } musl && /^Version/ { print "musl " $2; exit }'
	fi
}
