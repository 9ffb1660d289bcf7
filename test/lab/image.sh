#!/bin/sh
#
# image.sh FOLDER PUBLIC-KEY: make of FOLDER/root what a guest boots from: FOLDER/kernel, FOLDER/initramfs and FOLDER/disk.
# Who has the key may log in as root.
set -eu

lab=$(cd "$(dirname "$0")" && pwd)
folder=$1
root=${folder}/root

mkdir -p "${root}/dev" "${root}/proc" "${root}/sys" "${root}/tmp" "${root}/run" "${root}/mnt" "${root}/var/tmp"	\
    "${root}/var/log" "${root}/root/.ssh"
chmod 1777 "${root}/tmp" "${root}/var/tmp"
# What Debian's packages would have linked when they were installed.
for link in cc=gcc awk=mawk; do
	ln -sf "${link#*=}" "${root}/usr/bin/${link%%=*}"
done
echo 'root:x:0:0:root:/root:/bin/sh' >"${root}/etc/passwd"
echo 'root:*:19000::::::' >"${root}/etc/shadow"
echo 'root:x:0:' >"${root}/etc/group"
echo /bin/sh >"${root}/etc/shells"
echo 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"' >"${root}/etc/os-release"
cp "$2" "${root}/root/.ssh/authorized_keys"
chmod 0700 "${root}/root" "${root}/root/.ssh"
chmod 0600 "${root}/root/.ssh/authorized_keys"
cp "${lab}/init.sh" "${root}/lab-init"
chmod 0755 "${root}/lab-init"

early=${folder}/early
rm -rf "${early}"
mkdir -p "${early}/bin" "${early}/dev" "${early}/proc" "${early}/mnt" "${early}/lib"
cp "${root}/bin/busybox" "${early}/bin/busybox"
ln -s busybox "${early}/bin/sh"
cp "${root}/lab-init" "${early}/init"
for module in virtio_ring virtio virtio_mmio virtio_blk failover net_failover virtio_net; do
	find "${root}/usr/lib/modules" -name "${module}.ko" -exec cp {} "${early}/lib/" \;
done
(cd "${early}" && find . | busybox cpio -o -H newc 2>/dev/null) | gzip -1 >"${folder}/initramfs"

cp "${root}"/boot/vmlinuz-* "${folder}/kernel"
rm -f "${folder}/disk"
mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "${root}" "${folder}/disk" 800M
