#!/bin/busybox sh
# The first process of the guest that linux-guest.sh makes: network up, then sshd.
# shellcheck shell=sh
export PATH=/bin:/usr/bin:/usr/sbin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /var/tmp
exec >/dev/console 2>&1 </dev/null
# In this order: each needs those before it.
for module in virtio_ring virtio virtio_mmio failover net_failover virtio_net; do
	[ ! -f "/lib/modules/${module}.ko" ] || insmod "/lib/modules/${module}.ko"
done
ip=
does=
read -r line </proc/cmdline
for word in ${line}; do
	case ${word} in
	guest.ip=*) ip=${word#*=} ;;
	guest.does=*) does=${word#*=} ;;
	esac
done
echo "guest: init"
tries=0
while [ ! -e /sys/class/net/eth0 ] && [ "${tries}" -lt 200 ]; do
	usleep 10000
	tries=$((tries + 1))
done
ip link set lo up
ip address add "${ip}" dev eth0
ip link set eth0 up
# What a test asks the guest to do in place of letting anybody in.
case ${does} in
nothing) exec sleep 86400 ;;
panic) exit 1 ;;
reboot) reboot -f ;;
esac
/usr/sbin/sshd
echo "guest: sshd"
while :; do
	sleep 3600
done
