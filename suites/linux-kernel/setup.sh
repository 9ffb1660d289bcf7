#!/bin/sh
#
# Untimed: the kernel's sources, by their digest or from a file of the machine's own, and all that a build wants.
# shellcheck disable=SC2034,SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest fetch make-jobs compile; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/kernel.sh"

why='' tools='' image=''
jobs=1
make_jobs "${TT_PARAM_jobs}" 1024
kernel_words
cd "${TT_WORK}"
# shellcheck disable=SC2086 # a list of commands
if missing=$(lacking make flex bison bc perl tar xz ${tools}); then
	say skip.make "not here: ${missing} (packages clang, lld, llvm, flex, bison, bc, perl on Debian, Ubuntu and Amazon Linux)"
	exit 0
fi
# What a defconfig builds for the host, to sign and to look into objects; a tinyconfig has none of it.
if [ "${TT_PARAM_config}" = defconfig ] && missing=$(headerless "${tools%% *}" gelf.h openssl/evp.h); then
	say skip.make "no headers here: ${missing} (libelf-dev, libssl-dev on Debian and Ubuntu; elfutils-libelf-devel, openssl-devel on Amazon Linux)"
	exit 0
fi
rm -f tarball
if [ -n "${TT_PARAM_tarball}" ]; then
	[ -f "${TT_PARAM_tarball}" ] || why="there is no ${TT_PARAM_tarball}"
	[ -n "${why}" ] || ln -s "${TT_PARAM_tarball}" tarball
elif fetched source.tar.xz "${TT_PARAM_sha256}" "${TT_PARAM_url}"; then
	ln -s source.tar.xz tarball
fi
if [ ! -e tarball ]; then
	say skip.make "${why}"
	exit 0
fi
sha256_in <tarball >source.sha256 || die 'the sources cannot be read'
progress 'unpacking the sources'
rm -rf src
mkdir src
tar -xf tarball -C src || die 'the sources cannot be unpacked: disk full?'
# The archive's one folder.
set -- src/*/Makefile
if [ $# -ne 1 ] || [ ! -f "$1" ]; then
	die 'the archive holds no folder with a Makefile'
fi
printf '%s\n' "${1%/Makefile}" >folder
printf '%s\n' "${jobs}" >jobs.number
say driver.make make
say fact.compiler_version "$("${tools%% *}" --version 2>/dev/null | sed -n 1p)"
say fact.linker_version "$("${tools##* }" --version 2>/dev/null | sed -n 1p)"
say fact.kernel_version "$(make -s -C "${1%/Makefile}" kernelversion 2>/dev/null)"
say fact.jobs "${jobs}"
