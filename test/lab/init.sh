#!/bin/busybox sh
# shellcheck shell=dash
#
# The first process of the arm64 guest, twice: in the initramfs it finds the disk, on the disk it starts dropbear.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

## argument (name):
# Print what the kernel's command line says of it.
argument() {
	/bin/busybox sed -n "s/.*\\b$1=\\([^ ]*\\).*/\\1/p" /proc/cmdline
}

if [ ! -d /usr/share ]; then
	/bin/busybox --install -s /bin
	mount -t proc proc /proc
	mount -t devtmpfs dev /dev
	# In this order: each needs those before it.
	for module in virtio_ring virtio virtio_mmio virtio_blk failover net_failover virtio_net; do
		[ ! -e "/lib/${module}.ko" ] || insmod "/lib/${module}.ko"
	done
	while [ ! -e /dev/vda ]; do
		usleep 10000
	done
	mount -t ext4 -o rw,noatime /dev/vda /mnt
	mount --move /dev /mnt/dev
	umount /proc
	exec switch_root /mnt /lab-init
fi

busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
busybox mkdir -p /dev/pts /etc/dropbear /etc/timetrial
busybox mount -t devpts devpts /dev/pts
exec </dev/null >/dev/console 2>&1
busybox hostname guest
busybox ip link set lo up
busybox ip addr add 10.0.2.15/24 dev eth0
busybox ip link set eth0 up
# What only the one who started the guest can know: that it is emulated, and on which computer.
printf 'TIMETRIAL_EMULATED=%s\nTIMETRIAL_HOST_ID=%s\n' "$(argument lab.emulated)" "$(argument lab.host)" \
    >/etc/timetrial/machine.env
dropbearkey -t ed25519 -f /etc/dropbear/dropbear_ed25519_host_key | busybox grep '^ssh-'
dropbear -s -E
echo guest is up
while :; do
	busybox sleep 3600
done
