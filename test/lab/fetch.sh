#!/bin/sh
#
# fetch.sh FOLDER: fetch from Debian what an arm64 guest is made of (a kernel, a C compiler, OpenSSL, dropbear) and
# unpack it in FOLDER/root.  With an apt state of its own: nothing is installed, and no architecture is added here.
set -eu

folder=$1
mkdir -p "${folder}/apt/lists/partial" "${folder}/apt/cache/archives/partial" "${folder}/root"
folder=$(cd "${folder}" && pwd)

## apt (word, ...):
# apt-get as it would be on an arm64 machine that has nothing.
apt() {
	apt-get -qq						\
	    -o APT::Architecture=arm64				\
	    -o APT::Architectures::=arm64			\
	    -o APT::Sandbox::User=root				\
	    -o APT::Install-Recommends=false			\
	    -o Dir::State="${folder}/apt"			\
	    -o Dir::State::lists="${folder}/apt/lists"		\
	    -o Dir::State::status=/dev/null			\
	    -o Dir::Cache="${folder}/apt/cache"			\
	    "$@"
}

apt update
kernel=$(apt-get -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o Dir::State="${folder}/apt"	\
    -o Dir::State::lists="${folder}/apt/lists" -o Dir::State::status=/dev/null				\
    -o Dir::Cache="${folder}/apt/cache" -s -qq install linux-image-cloud-arm64 2>/dev/null |
    sed -n 's/^Inst \(linux-image-[0-9][^ ]*\) .*/\1/p' | head -n 1)
(cd "${folder}/apt/cache/archives" && apt download "${kernel}" busybox-static)
apt -y --download-only install						\
    dash coreutils sed grep mawk findutils tar gzip procps util-linux	\
    gcc libc6-dev libssl-dev openssl dropbear-bin

# Debian's folders are links into /usr; dpkg makes them, tar must not replace them.
for name in bin sbin lib; do
	mkdir -p "${folder}/root/usr/${name}"
	[ -L "${folder}/root/${name}" ] || ln -s "usr/${name}" "${folder}/root/${name}"
done
for package in "${folder}"/apt/cache/archives/*.deb; do
	dpkg-deb --fsys-tarfile "${package}" |
	    tar -x -C "${folder}/root" --keep-directory-symlink		\
		--exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale
done
