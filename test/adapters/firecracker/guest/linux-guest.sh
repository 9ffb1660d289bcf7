#!/bin/sh
#
# linux-guest.sh DIR: DIR/vmlinux, Debian's kernel for amd64 clouds, and DIR/initrd, a guest made of Debian's static
# busybox and of this computer's own sshd and python3: network by the kernel's argument guest.ip=ADDRESS/PREFIX, and root
# is let in by DIR/key.  Kernel and busybox are fetched by an apt whose state is below DIR: nothing is installed.  Wants
# cpio's format from busybox, lz4 and binutils.
set -eu

dir=$1
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "${dir}/apt/lists/partial" "${dir}/apt/cache/archives/partial" "${dir}/deb"
dir=$(cd "${dir}" && pwd)
guest=${dir}/guest

## own_apt (tool, arg, ...):
# Run apt's ${tool} on a state of its own, for amd64.
own_apt() {
	_own_apt_tool=$1
	shift
	"${_own_apt_tool}" -qq -o APT::Architecture=amd64 -o APT::Architectures::=amd64		\
	    -o "Dir::State=${dir}/apt" -o "Dir::State::lists=${dir}/apt/lists"			\
	    -o Dir::State::status=/dev/null -o "Dir::Cache=${dir}/apt/cache"			\
	    -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}

## with_libraries (file, ...):
# Copy each ${file} of this computer's into the guest, with what it is linked with.
with_libraries() {
	for _with_file in "$@"; do
		mkdir -p "${guest}$(dirname "${_with_file}")"
		cp -L "${_with_file}" "${guest}${_with_file}"
		ldd "${_with_file}" 2>/dev/null | grep -o '/[^ ]*' | while read -r _with_library; do
			[ -e "${guest}${_with_library}" ] || {
				mkdir -p "${guest}$(dirname "${_with_library}")"
				cp -L "${_with_library}" "${guest}${_with_library}"
			}
		done
	done
}

own_apt apt-get update
kernel=$(own_apt apt-cache depends linux-image-cloud-amd64 | awk '/Depends:/ { print $2; exit }')
(cd "${dir}/deb" && own_apt apt-get download "${kernel}" busybox-static)
dpkg-deb -x "${dir}"/deb/"${kernel}"_*.deb "${dir}/kernel"
node "${here}/../../../lab/boot-vmlinux.mjs" "${dir}"/kernel/boot/vmlinuz-* "${dir}/vmlinux"

for folder in bin dev etc/ssh proc root/.ssh run/sshd sys tmp var/tmp var/log var/empty lib/modules; do
	mkdir -p "${guest}/${folder}"
done
chmod 1777 "${guest}/tmp" "${guest}/var/tmp"
chmod 700 "${guest}/root" "${guest}/root/.ssh"
# Emulated, a program that is linked with nothing starts in a third of the time, and the agent starts hundreds.
dpkg-deb -x "${dir}"/deb/busybox-static_*.deb "${dir}/busybox"
cp "${dir}/busybox/bin/busybox" "${guest}/bin/busybox"
with_libraries /usr/sbin/sshd /usr/bin/python3
for module in virtio_ring virtio virtio_mmio failover net_failover virtio_net; do
	find "${dir}/kernel/lib/modules" -name "${module}.ko" -exec cp {} "${guest}/lib/modules/" \;
done
python3=/usr/bin/python3
"${python3}" -I -S -c '
import ctypes, encodings.ascii, encodings.latin_1, hashlib, importlib.util, os, platform, resource, signal, stat, subprocess, sys, time
print(*sorted({m.__file__ for m in sys.modules.values() if getattr(m, "__file__", None)}), sep="\n")' |
    while read -r file; do
	with_libraries "${file}"
done
# Else the emulated python3 compiles them at each boot.
"${python3}" -I -m compileall -q --invalidation-mode unchecked-hash "${guest}/usr/lib"
echo 'root:x:0:0:root:/root:/bin/sh' >"${guest}/etc/passwd"
echo 'sshd:x:100:65534::/run/sshd:/bin/false' >>"${guest}/etc/passwd"
echo 'root:x:0:' >"${guest}/etc/group"
echo 'root:*:19000::::::' >"${guest}/etc/shadow"
printf 'PRETTY_NAME="a guest of busybox"\n' >"${guest}/etc/os-release"
rm -f "${dir}/key" "${dir}/key.pub"
ssh-keygen -q -t ed25519 -N '' -f "${dir}/key"
ssh-keygen -q -t ed25519 -N '' -f "${guest}/etc/ssh/ssh_host_ed25519_key"
cp "${dir}/key.pub" "${guest}/root/.ssh/authorized_keys"
chmod 600 "${guest}/root/.ssh/authorized_keys"
cat >"${guest}/etc/ssh/sshd_config" <<-END
	HostKey /etc/ssh/ssh_host_ed25519_key
	PasswordAuthentication no
	PermitRootLogin yes
	StrictModes no
	PidFile none
END
install -m 755 "${here}/linux-init.sh" "${guest}/init"
(cd "${guest}" && find . | busybox cpio -o -H newc 2>/dev/null) >"${dir}/initrd"
