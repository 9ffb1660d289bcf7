#!/bin/sh
#
# boot-fetch.sh DIR: a Debian kernel for amd64, busybox and dropbear into DIR, and from them DIR/vmlinux and
# DIR/guest.cpio.gz: a guest that boots in a second or two and opens port 22.  Nothing is installed: apt keeps its
# own state below DIR.  Wants binutils, cpio and lz4.
set -eu

dir=$1
mkdir -p "${dir}/apt/lists/partial" "${dir}/apt/cache/archives/partial" "${dir}/deb" "${dir}/root"
dir=$(cd "${dir}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)

## private_apt (tool, arg, ...):
# Run apt's ${tool} on a state of its own, for amd64 whatever this computer is.
private_apt() {
	_private_apt_tool=$1
	shift
	"${_private_apt_tool}" -qq -o APT::Architecture=amd64 -o APT::Architectures::=amd64	\
	    -o "Dir::State=${dir}/apt" -o "Dir::State::lists=${dir}/apt/lists"	\
	    -o Dir::State::status=/dev/null -o "Dir::Cache=${dir}/apt/cache"	\
	    -o Dir::Etc::sourceparts=- -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/debian.sources	\
	    -o APT::Sandbox::User=root "$@"
}

private_apt apt-get update
kernel=$(private_apt apt-cache depends linux-image-cloud-amd64 | awk '/Depends:/ { print $2; exit }')
(
	cd "${dir}/deb"
	private_apt apt-get download "${kernel}" busybox-static dropbear-bin libtomcrypt1 libtommath1 libgmp10	\
	    libcrypt1 zlib1g libc6
)
for deb in "${dir}"/deb/*.deb; do
	dpkg-deb -x "${deb}" "${dir}/root"
done
node "${here}/boot-vmlinux.mjs" "${dir}"/root/boot/vmlinuz-* "${dir}/vmlinux"

# The guest's file system: what dropbear needs, and the modules of a virtio network card.
guest=${dir}/guest
rm -rf "${guest}"
mkdir -p "${guest}/bin" "${guest}/dev" "${guest}/proc" "${guest}/sys" "${guest}/etc/dropbear" "${guest}/root"	\
    "${guest}/tmp" "${guest}/lib" "${guest}/run" "${guest}/var/log"
cp "${dir}/root/bin/busybox" "${guest}/bin/"
ln -s busybox "${guest}/bin/sh"
cp "${dir}/root/usr/sbin/dropbear" "${guest}/bin/"
install -m 755 "${here}/boot-init.sh" "${guest}/init"
for module in virtio_ring virtio virtio_mmio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover	\
    net_failover virtio_net; do
	find "${dir}/root/lib/modules" -name "${module}.ko" -exec cp {} "${guest}/lib/" \;
done

## need (file):
# Copy the libraries that ${file} needs, and those that they need.
need() {
	readelf -d "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | while read -r _need_name; do
		[ ! -e "${guest}/lib/${_need_name}" ] || continue
		_need_file=$(find -L "${dir}/root/lib" "${dir}/root/usr/lib" -maxdepth 2 -name "${_need_name}" | head -n 1)
		cp -L "${_need_file}" "${guest}/lib/${_need_name}"
		need "${guest}/lib/${_need_name}"
	done
}
need "${dir}/root/usr/sbin/dropbear"
loader=$(readelf -l "${dir}/root/usr/sbin/dropbear" | sed -n 's/.*interpreter: \(.*\)\]/\1/p')
mkdir -p "${guest}$(dirname "${loader}")"
cp -L "$(find -L "${dir}/root/lib" "${dir}/root/lib64" -maxdepth 2 -name "$(basename "${loader}")" | head -n 1)"	\
    "${guest}${loader}"
echo 'root:x:0:0:root:/root:/bin/sh' >"${guest}/etc/passwd"
(cd "${guest}" && find . | cpio --quiet -o -H newc | gzip -1) >"${dir}/guest.cpio.gz"
