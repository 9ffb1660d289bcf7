#!/bin/sh
#
# Sent with every machine that timetrial launches: ends it at its deadline, whatever becomes of the client.
# The deadline is on disk as an absolute time, and also as a length of uptime, so that a clock that is set can only
# shorten it.  It is armed now and at every boot.  TIMETRIAL_ROOT is set on the sandbox's machines alone, which share
# this computer's files: there everything stays below it.
set -u
deadline_epoch=@DEADLINE_EPOCH@
life_s=@LIFE_S@

root=${TIMETRIAL_ROOT:-}
dir=${root}/var/db/timetrial
mkdir -p "${dir}" && chmod 0755 "${dir}"
printf '%s %s\n' "${deadline_epoch}" "${life_s}" >"${dir}/deadline"

cat >"${dir}/deadline.sh" <<'EOF'
#!/bin/sh
set -u
read -r deadline_epoch life_s <"$1"

## uptime_s ():
# Print the seconds since the kernel's start, whole.
uptime_s() {
	if [ -r /proc/uptime ] && [ -z "${TIMETRIAL_ROOT:-}" ]; then
		read -r _uptime_s _ </proc/uptime
		echo "${_uptime_s%%.*}"
	elif [ -n "${TIMETRIAL_ROOT:-}" ]; then
		echo $(($(date +%s) - started_epoch))
	else
		_uptime_boot=$(sysctl -n kern.boottime)
		_uptime_boot=${_uptime_boot#*sec = }
		echo $(($(date +%s) - ${_uptime_boot%%,*}))
	fi
}

started_epoch=$(date +%s)
while :; do
	left=$((deadline_epoch - $(date +%s)))
	left_up=$((life_s - $(uptime_s)))
	[ "${left}" -le "${left_up}" ] || left=${left_up}
	if [ "${left}" -le 0 ]; then
		# By name alone: in the sandbox another shutdown comes first on PATH.
		case $(uname -s) in
		FreeBSD) shutdown -p now ;;
		*) shutdown -h now ;;
		esac
	fi
	[ "${left}" -le 60 ] || left=60
	[ "${left}" -ge 5 ] || left=5
	sleep "${left}"
done
EOF

if [ -z "${root}" ] && [ -d /run/systemd/system ]; then
	cat >/etc/systemd/system/timetrial-deadline.service <<EOF
[Unit]
Description=End this machine at its deadline
DefaultDependencies=no
After=local-fs.target

[Service]
ExecStart=/bin/sh ${dir}/deadline.sh ${dir}/deadline
Restart=always

[Install]
WantedBy=sysinit.target
EOF
	systemctl daemon-reload
	systemctl enable --now timetrial-deadline.service
elif [ -z "${root}" ] && [ "$(uname -s)" = FreeBSD ]; then
	mkdir -p /usr/local/etc/rc.d
	cat >/usr/local/etc/rc.d/timetrial_deadline <<EOF
#!/bin/sh
# PROVIDE: timetrial_deadline
# REQUIRE: FILESYSTEMS
. /etc/rc.subr
name=timetrial_deadline
start_cmd="/usr/sbin/daemon -f /bin/sh ${dir}/deadline.sh ${dir}/deadline"
run_rc_command "\$1"
EOF
	chmod 0555 /usr/local/etc/rc.d/timetrial_deadline
	/usr/local/etc/rc.d/timetrial_deadline start
else
	setsid sh "${dir}/deadline.sh" "${dir}/deadline" </dev/null >/dev/null 2>&1 &
fi
