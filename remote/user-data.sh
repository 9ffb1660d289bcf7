#!/bin/sh
#
# Sent with every machine that timetrial launches: ends it at its deadline, whatever becomes of the client, and readies
# it to be measured.  Run once, as root, by cloud-init or by FreeBSD's configinit.
#
# The deadline is on disk as an absolute time, and also as a length of uptime over all boots, so that a clock that is set
# can only shorten it.  It is armed now and at every boot, before anything else.  TIMETRIAL_ROOT is set on the sandbox's
# machines alone, which share this computer's files: there everything stays below it, and commands are called by name
# alone, since stand-ins come first on PATH.
set -u
deadline_epoch=@DEADLINE_EPOCH@
life_s=@LIFE_S@

root=${TIMETRIAL_ROOT:-}
dir=${root}/var/db/timetrial
mkdir -p "${dir}" && chmod 0755 "${dir}"
printf '%s %s\n' "${deadline_epoch}" "${life_s}" >"${dir}/deadline"
# The pid that runs this, and its start time as host_birth reads it, where the kernel tells: after a reboot in the midst
# nobody runs this again, and the facts say so.
echo "$$ $(sed 's/.*) //' "/proc/$$/stat" 2>/dev/null | cut -d ' ' -f 20)" >"${dir}/begun"

cat >"${dir}/deadline.sh" <<'EOF'
#!/bin/sh
set -u

## number (text):
# Whether it is a whole number, and no longer than every shell can count.
number() {
	case $1 in '' | *[!0-9]* | ???????????*) return 1 ;; esac
}

## uptime_s ():
# Print the whole seconds since the kernel's start; nothing where the kernel does not tell.
uptime_s() {
	if [ -r /proc/uptime ]; then
		read -r _uptime_s _ </proc/uptime
		echo "${_uptime_s%%.*}"
	else
		_uptime_boot=$(sysctl -n kern.boottime)
		_uptime_boot=${_uptime_boot#*sec = }
		echo $(($(date +%s) - ${_uptime_boot%%,*}))
	fi
}

## remember ():
# Write the uptime of all boots to a file, atomically.  A full disk must not keep the machine alive.
remember() {
	echo "${lived_s} ${up_s}" >"$1.lived.new" && mv "$1.lived.new" "$1.lived"
} 2>/dev/null

# A machine that has lost its deadline ends now.
deadline_epoch=0
life_s=0
if read -r read_epoch read_s <"$1" && number "${read_epoch}" && number "${read_s}"; then
	deadline_epoch=${read_epoch}
	life_s=${read_s}
fi

# The uptime of all its boots: a clock that nobody can set.  An uptime below the last one that was read is that of a new
# boot.  The sandbox's machines share the kernel, and its uptime, with their computer.
lived_s=0
seen_s=0
[ -z "${TIMETRIAL_ROOT:-}" ] || seen_s=$(uptime_s)
if [ -r "$1.lived" ] && read -r read_s read_up_s <"$1.lived" && number "${read_s}" && number "${read_up_s}"; then
	lived_s=${read_s}
	[ "$(uptime_s)" -lt "${read_up_s}" ] || seen_s=${read_up_s}
fi

while :; do
	up_s=$(uptime_s)
	number "${up_s}" || up_s=${seen_s}
	[ "${up_s}" -le "${seen_s}" ] || lived_s=$((lived_s + up_s - seen_s))
	seen_s=${up_s}
	remember "$1" || :
	left=$((deadline_epoch - $(date +%s)))
	left_up=$((life_s - lived_s))
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

## say (text):
# Tell the console, which can be read where no agent answers.
say() {
	echo "timetrial: $1"
}

## again (command, ...):
# Run it until it succeeds, at most five times: a network that just came up may not carry yet.
again() {
	for _again_pause in 2 5 10 20 0; do
		"$@" && return 0
		[ "${_again_pause}" -eq 0 ] || sleep "${_again_pause}"
	done
	say "gave up: $*"
	return 1
}

## systemd_deadline ():
# Install a unit that starts at every boot, before the system's own.
systemd_deadline() {
	mkdir -p "${root}/etc/systemd/system"
	cat >"${root}/etc/systemd/system/timetrial-deadline.service" <<EOF
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
}

## cloud_init_deadline ():
# Without systemd: install a script that cloud-init runs at every boot.
cloud_init_deadline() {
	cat >"${root}/var/lib/cloud/scripts/per-boot/timetrial-deadline" <<EOF
#!/bin/sh
setsid sh ${dir}/deadline.sh ${dir}/deadline </dev/null >/dev/null 2>&1 &
EOF
	chmod 0755 "${root}/var/lib/cloud/scripts/per-boot/timetrial-deadline"
	"${root}/var/lib/cloud/scripts/per-boot/timetrial-deadline"
}

## freebsd_deadline ():
# Install an rc script.  It has no variable that could switch it off.
freebsd_deadline() {
	mkdir -p "${root}/usr/local/etc/rc.d"
	cat >"${root}/usr/local/etc/rc.d/timetrial_deadline" <<EOF
#!/bin/sh
# PROVIDE: timetrial_deadline
# REQUIRE: FILESYSTEMS
. /etc/rc.subr
name=timetrial_deadline
start_cmd="/usr/sbin/daemon -f /bin/sh ${dir}/deadline.sh ${dir}/deadline"
run_rc_command "\$1"
EOF
	chmod 0555 "${root}/usr/local/etc/rc.d/timetrial_deadline"
	service timetrial_deadline start
}

## freebsd_ready ():
# Keep the machine from updating and rebooting itself under a measurement; its SSM agent is installed if the image lacks it, and
# started here, since rc listed its scripts before this one ran.
freebsd_ready() {
	sysrc firstboot_freebsd_update_enable=NO firstboot_pkgs_enable=NO firstboot_pkg_upgrade_enable=NO
	if ! pkg -N info -e amazon-ssm-agent; then
		ASSUME_ALWAYS_YES=yes BATCH=yes
		export ASSUME_ALWAYS_YES BATCH
		again pkg install -y amazon-ssm-agent || return 0
	fi
	sysrc amazon_ssm_agent_enable=YES
	# Nothing of it may hold the console, or a pipe that the boot waits for.
	service amazon-ssm-agent status || service amazon-ssm-agent start </dev/null >/dev/null 2>&1
}

## linux_name ():
# Print the ID of the distribution.
linux_name() {
	[ ! -r "${root}/etc/os-release" ] || sed -n 's/^ID=//p' "${root}/etc/os-release" | tr -d \"\'
}

## ubuntu_ready ():
# Keep snap, which brings the SSM agent there, from refreshing it while we measure.
ubuntu_ready() {
	again snap wait system seed.loaded || :
	# Since snapd 2.58; before, a date.
	snap refresh --hold || snap set system refresh.hold="$(date -u -d '+30 days' +%Y-%m-%dT%H:%M:%SZ)"
	snap start --enable amazon-ssm-agent
}

## debian_agent ():
# Install the SSM agent, which Debian's images lack, from AWS's own bucket.
debian_agent() {
	! systemctl cat amazon-ssm-agent.service >/dev/null 2>&1 || return 0
	_agent_url=https://s3.amazonaws.com/ec2-downloads-windows/SSMAgent/latest/debian_$(dpkg --print-architecture)
	again fetch_to "${dir}/agent.deb" "${_agent_url}/amazon-ssm-agent.deb" || return 0
	again dpkg -i "${dir}/agent.deb" || return 0
	systemctl enable --now amazon-ssm-agent.service
}

## fetch_to (file, url):
# Download ${url} into ${file} by curl, wget or python3.
fetch_to() {
	if command -v curl >/dev/null 2>&1; then
		curl -fsSL --max-time 120 -o "$1" "$2"
	elif command -v wget >/dev/null 2>&1; then
		wget -q -T 120 -O "$1" "$2"
	else
		python3 -c 'import sys, urllib.request; urllib.request.urlretrieve(sys.argv[2], sys.argv[1])' "$1" "$2"
	fi
}

## package_lock ():
# Print which lock of the package managers a process holds, by the kernel's own list; nothing where none is held.
package_lock() {
	for _package_lock in var/lib/dpkg/lock-frontend var/lib/dpkg/lock var/lib/apt/lists/lock var/lib/rpm/.rpm.lock	\
	    usr/lib/sysimage/rpm/.rpm.lock; do
		[ -e "${root}/${_package_lock}" ] || continue
		_package_inode=$(ls -i "${root}/${_package_lock}")
		if grep -q ":${_package_inode%% *} " /proc/locks; then
			echo "/${_package_lock}"
			return
		fi
	done
}

## wait_for_packages ():
# Wait, for ten minutes at most, until nobody installs packages: what the image does at its first boot would fail our
# installation, and disturb what is measured.
wait_for_packages() {
	_wait_turns=120
	_wait_lock=$(package_lock)
	[ -z "${_wait_lock}" ] || say "waiting for another's lock ${_wait_lock}"
	while [ -n "${_wait_lock}" ]; do
		if [ "${_wait_turns}" -eq 0 ]; then
			say "gave up after ten minutes: ${_wait_lock} is still held"
			return
		fi
		_wait_turns=$((_wait_turns - 1))
		sleep 5
		_wait_lock=$(package_lock)
	done
}

if [ "$(uname -s)" = FreeBSD ]; then
	freebsd_deadline
	freebsd_ready
else
	if [ -d "${root}/run/systemd/system" ]; then
		systemd_deadline
	elif [ -d "${root}/var/lib/cloud/scripts/per-boot" ]; then
		cloud_init_deadline
	else
		setsid sh "${dir}/deadline.sh" "${dir}/deadline" </dev/null >/dev/null 2>&1 &
	fi
	wait_for_packages
	case $(linux_name) in
	ubuntu) ubuntu_ready ;;
	debian) debian_agent ;;
	esac
fi
: >"${dir}/ready"
