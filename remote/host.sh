#!/bin/sh
#
# Reads the machine's state: boot id, processes, time, CPU counters. Sourced. On Linux the shell itself reads everything
# that is read for every trial, since a process costs about 0.7 ms.
# shellcheck disable=SC2034,SC2154 # variables are shared with the other files

tt_nl='
'

## host_boot_id ():
# Set ${tt_boot_id}, which changes when the machine reboots.
host_boot_id() {
	tt_boot_id=unknown
	if [ -r /proc/sys/kernel/random/boot_id ]; then
		read -r tt_boot_id </proc/sys/kernel/random/boot_id
		return 0
	fi
	# FreeBSD 13 and later: sixteen random bytes, shown as "Format: Length:16 Dump:0x..." and with -x alone.
	_boot_id=$(sysctl -nx kern.boot_id 2>/dev/null) || _boot_id=
	_boot_id=${_boot_id##*Dump:0x}
	case ${_boot_id} in
	'' | *[!0-9a-f]*) ;;
	*)
		tt_boot_id=${_boot_id}
		return 0
		;;
	esac
	# Before that, the boot time, which also changes when the clock is set.
	if _boot_time=$(sysctl -n kern.boottime 2>/dev/null); then
		_boot_time=${_boot_time#*sec = }
		tt_boot_id=$(sysctl -n kern.hostuuid)-${_boot_time%%,*}
	fi
}

## host_birth (pid):
# Set ${tt_birth} to the process's start time, in whole units since the kernel's start; empty where it does not exist or is
# a zombie. ${tt_birth_apart}: how far two readings of one process may differ.
host_birth() {
	tt_birth='' tt_birth_apart=0
	if [ -r /proc/self/stat ]; then
		{ read -r _birth_line <"/proc/$1/stat"; } 2>/dev/null || return 0
		# "pid (name) state ppid ... birth ...": the name may contain blanks; birth is the 20th after it.
		read -r _birth_state _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ tt_birth _ <<-EOT
			${_birth_line##*) }
		EOT
		[ "${_birth_state}" != Z ] || tt_birth=
	else
		host_birth_by_ps "$1"
	fi
}

## host_birth_by_ps (pid):
# The same where there is no /proc, as on FreeBSD. ps gives the time of day, which the kernel makes of its boot time: where
# the clock is set, both move alike. Both are cut to seconds, so their difference may be one off.
host_birth_by_ps() {
	tt_birth_apart=1
	# "Ss  Fri Nov 27 22:42:38 2026". The state is another after 20 s without work.
	read -r _birth_state _birth_line <<-EOT
		$(TZ=UTC0 LC_ALL=C ps -o state= -o lstart= -p "$1" 2>/dev/null || :)
	EOT
	case ${_birth_state}/${_birth_line} in
	Z* | */) return 0 ;;
	esac
	_birth_s=$(TZ=UTC0 LC_ALL=C date -j -f '%a %b %e %T %Y' "${_birth_line}" +%s 2>/dev/null) || return 0
	_birth_boot=$(sysctl -n kern.boottime 2>/dev/null) || return 0
	_birth_boot=${_birth_boot#*sec = }
	tt_birth=$((_birth_s - ${_birth_boot%%,*}))
}

## host_is_birth (birth):
# Was the process of the last host_birth started then?
host_is_birth() {
	[ -n "${tt_birth}" ] || return 1
	[ "${tt_birth}" != "$1" ] || return 0
	case $1 in
	'' | *[!0-9]* | ??????????*) return 1 ;;
	esac
	[ "${tt_birth_apart}" -gt 0 ] && [ "$((tt_birth - $1))" -le "${tt_birth_apart}" ] &&
		[ "$(($1 - tt_birth))" -le "${tt_birth_apart}" ]
}

## host_clock_start ():
# Store the time of day once, so that host_now need not read it again where the kernel provides its uptime.
host_clock_start() {
	host_uptime
	tt_clock_start=${tt_uptime_s}
	tt_epoch_start=$(date +%s)
}

## host_uptime ():
# Set ${tt_uptime_s}, whole seconds, and ${tt_uptime_cs}, hundredths of a second, since the kernel's start; since the
# epoch where the kernel does not provide its uptime.
host_uptime() {
	if [ -r /proc/uptime ]; then
		read -r _uptime _ </proc/uptime
		tt_uptime_s=${_uptime%.*}
		tt_uptime_cs=$((tt_uptime_s * 100 + 1${_uptime#*.} - 100))
	else
		tt_uptime_s=$(date +%s)
		tt_uptime_cs=$((tt_uptime_s * 100))
	fi
}

## host_now ():
# Set ${tt_at}: now, as 2026-01-02T03:04:05Z.  The civil date is Hinnant's days_from_civil, backwards.
host_now() {
	host_uptime
	_now=$((tt_epoch_start + tt_uptime_s - tt_clock_start))
	_now_z=$((_now / 86400 + 719468))
	_now_era=$((_now_z / 146097))
	_now_doe=$((_now_z - _now_era * 146097))
	_now_yoe=$(((_now_doe - _now_doe / 1460 + _now_doe / 36524 - _now_doe / 146096) / 365))
	_now_doy=$((_now_doe - (365 * _now_yoe + _now_yoe / 4 - _now_yoe / 100)))
	_now_mp=$(((5 * _now_doy + 2) / 153))
	_now_day=$((_now_doy - (153 * _now_mp + 2) / 5 + 101))
	_now_month=$((_now_mp < 10 ? _now_mp + 103 : _now_mp + 91))
	_now_year=$((_now_yoe + _now_era * 400 + (_now_month <= 102)))
	_now_hour=$((_now % 86400 / 3600 + 100))
	_now_minute=$((_now % 3600 / 60 + 100))
	_now_second=$((_now % 60 + 100))
	tt_at=${_now_year}-${_now_month#1}-${_now_day#1}T${_now_hour#1}:${_now_minute#1}:${_now_second#1}Z
}

## host_watch_start ():
# Find the unit of the kernel's ticks, and whether there is swap at all. Linux shows user space ticks of 1/100 s whatever
# its own are, on all architectures but Alpha and Itanium.
host_watch_start() {
	tt_tick_hz=100
	tt_has_swap=
	if [ -r /proc/swaps ]; then
		{ read -r _ && read -r tt_has_swap; } </proc/swaps || :
	elif _watch_rate=$(sysctl -n kern.clockrate 2>/dev/null); then
		_watch_rate=${_watch_rate##*stathz = }
		tt_tick_hz=${_watch_rate%%[!0-9]*}
	fi
}

## host_watch ():
# Set ${tt_busy} and ${tt_steal}, in ticks of all CPUs, ${tt_swapped}, pages in and out, and ${tt_load1}; empty where
# the kernel does not provide them. Use only differences of all but the load: they wrap in a shell of 32 bits.
host_watch() {
	tt_busy='' tt_steal='' tt_swapped='' tt_load1=''
	if [ -r /proc/stat ]; then
		read -r _ _watch_user _watch_nice _watch_system _ _ _watch_irq _watch_soft tt_steal _ </proc/stat
		tt_busy=$((_watch_user + _watch_nice + _watch_system + _watch_irq + _watch_soft))
		read -r tt_load1 _ </proc/loadavg
		tt_swapped=0
		[ -z "${tt_has_swap}" ] || while read -r _watch_name _watch_value; do
			case ${_watch_name} in
			pswpin) tt_swapped=${_watch_value} ;;
			pswpout)
				tt_swapped=$((tt_swapped + _watch_value))
				break
				;;
			esac
		done </proc/vmstat
	elif _watch=$(sysctl -n kern.cp_time vm.loadavg vm.stats.vm.v_swappgsin vm.stats.vm.v_swappgsout 2>/dev/null); then
		# shellcheck disable=SC2086 # words: user nice system interrupt idle { load1 load5 load15 } in out
		set -- ${_watch}
		tt_busy=$(($1 + $2 + $3 + $4))
		tt_load1=$7
		tt_swapped=$((${11} + ${12}))
	fi
}

## host_decimal (hundredths):
# Set ${tt_decimal} to the number over 100, as 12.34.
host_decimal() {
	case $1 in
	-*) _decimal=$((100 - ($1) % 100)) tt_decimal=-$((-($1) / 100)) ;;
	*) _decimal=$((100 + $1 % 100)) tt_decimal=$(($1 / 100)) ;;
	esac
	tt_decimal=${tt_decimal}.${_decimal#1}
}

## host_hundredths (decimal):
# Set ${tt_hundredths} to the hundredths of a number like 12.345678, rounded down.
host_hundredths() {
	_hundredths=${1#*.}00
	_hundredths=${_hundredths%"${_hundredths#??}"}
	tt_hundredths=$((${1%%.*} * 100 + 1${_hundredths} - 100))
}

## host_kill_marked (folder):
# Kill every process whose environment says that it belongs to a step in ${folder} or below, until none is found.  Sets
# ${tt_killed} to their number, and ${tt_killed_command} to the first one's command line, where it can be read.
host_kill_marked() {
	_marked_left=20
	# Not grep -F: FreeBSD's (ported to Linux) and busybox's stop at the first NUL.
	_marked_pattern=$(printf '%s\n' "$1" | sed 's/[][\.*^$]/\\&/g')
	_marked_seen=' '
	tt_killed=0 tt_killed_command=
	while [ "${_marked_left}" -gt 0 ]; do
		_marked_left=$((_marked_left - 1))
		if [ -d /proc/self ]; then
			_marked=$(unset TT_STEP_DIR; grep -l -e "TT_STEP_DIR=${_marked_pattern}" /proc/[0-9]*/environ 2>/dev/null) || :
		else
			# The pattern is passed by a variable: in the arguments it would match itself.
			_marked=$(unset TT_STEP_DIR; ps -axeww -o pid= -o command= | MARK=STEP_DIR=$1 awk \
			    'index($0, "TT_" ENVIRON["MARK"]) { print $1 }') || :
		fi
		[ -n "${_marked}" ] || return 0
		for _marked_pid in ${_marked}; do
			_marked_pid=${_marked_pid#/proc/}
			_marked_pid=${_marked_pid%/environ}
			[ -n "${tt_killed_command}" ] || host_command_line "${_marked_pid}"
			kill -KILL "${_marked_pid}" 2>/dev/null || :
			case ${_marked_seen} in
			*" ${_marked_pid} "*) continue ;;
			esac
			_marked_seen="${_marked_seen}${_marked_pid} "
			tt_killed=$((tt_killed + 1))
		done
	done
}

## host_command_line (pid):
# Set ${tt_killed_command} to the command line of the process, in printable ASCII; empty where it is gone.
host_command_line() {
	if [ -r "/proc/$1/cmdline" ]; then
		tt_killed_command=$(head -c 255 "/proc/$1/cmdline" 2>/dev/null | tr '\0' ' ' | tr -cd ' -~') || :
	else
		tt_killed_command=$(unset TT_STEP_DIR; ps -o args= -p "$1" 2>/dev/null | head -n 1 | cut -c 1-255 | tr -cd ' -~') || :
	fi
	tt_killed_command=${tt_killed_command% }
}

## host_children (pid):
# Print the pids of the process's children.
host_children() {
	cat "/proc/$1/task/$1/children" 2>/dev/null ||
		ps -A -o pid= -o ppid= 2>/dev/null | awk -v parent="$1" '$2 == parent { print $1 }'
}

## json_text (text):
# Set ${tt_json}: ${text} between quotes, without what is not printable ASCII.
json_text() {
	_json_in=$1
	tt_json=
	case ${_json_in} in
	*[!\ -~]*) _json_in=$(printf '%s' "${_json_in}" | LC_ALL=C tr -cd ' -~') ;;
	esac
	while :; do
		case ${_json_in} in
		*[\\\"]*)
			_json_head=${_json_in%%[\\\"]*}
			_json_rest=${_json_in#"${_json_head}"}
			_json_in=${_json_rest#?}
			tt_json=${tt_json}${_json_head}\\${_json_rest%"${_json_in}"}
			;;
		*) break ;;
		esac
	done
	tt_json=\"${tt_json}${_json_in}\"
}
