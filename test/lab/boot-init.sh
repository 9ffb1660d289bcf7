#!/bin/busybox sh
# The first process of a lab guest: network up with the address that the kernel's command line names, then dropbear.
# shellcheck shell=sh
export PATH=/bin:/sbin
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
exec >/dev/console 2>&1 </dev/console
/bin/busybox --install -s /bin
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
# In this order: each needs those before it.
for module in virtio_ring virtio virtio_mmio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover	\
    net_failover virtio_net; do
	[ ! -f "/lib/${module}.ko" ] || insmod "/lib/${module}.ko"
done
ip=
wait_s=0
read -r line </proc/cmdline
for word in ${line}; do
	case ${word} in
	lab.ip=*) ip=${word#*=} ;;
	lab.sshdelay=*) wait_s=${word#*=} ;;
	esac
done
ip link set lo up
tries=0
while [ ! -e /sys/class/net/eth0 ] && [ "${tries}" -lt 200 ]; do
	usleep 10000
	tries=$((tries + 1))
done
ip addr add "${ip}" dev eth0
ip link set eth0 up
echo "NETUP $(cut -d' ' -f1 /proc/uptime)"
sleep "${wait_s}"
dropbear -R -s -E
echo "SSHD $(cut -d' ' -f1 /proc/uptime)"
while :; do
	sleep 3600
done
