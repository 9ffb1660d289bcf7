#!/bin/sh
#
# Untimed: FreeBSD's sources, by their digest, clang and lld, and bmake, which the sources' own script builds.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest fetch release make-jobs compile; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done

## bindir ():
# Print the folder that has clang, clang++, clang-cpp and ld.lld: Debian's highest version, else where clang is.
bindir() {
	_bindir_best=
	for _bindir in /usr/lib/llvm-[1-9] /usr/lib/llvm-[1-9][0-9] "$(dirname "$(command -v clang || echo /none/clang)")"; do
		case ${_bindir} in
		*/llvm-*) _bindir=${_bindir}/bin ;;
		*) [ -z "${_bindir_best}" ] || continue ;;
		esac
		for _bindir_command in clang clang++ clang-cpp ld.lld; do
			[ -x "${_bindir}/${_bindir_command}" ] || continue 2
		done
		_bindir_best=${_bindir}
	done
	[ -n "${_bindir_best}" ] && printf '%s\n' "${_bindir_best}"
}

## why_failed (log):
# Print why a Python program that runs other commands failed: the last line before the traceback that names an error.  The
# traceback names the command only. make's own "*** Error code 1" names none.
why_failed() {
	sed '/^Traceback (most recent call last):/,$d' "$1" | grep -v '^[[:space:]]*$' >why.lines || :
	grep -i -e 'fail' -e 'error' -e 'not found' why.lines | grep -v '^\*\*\* ' >why.errors || cp why.lines why.errors
	[ -s why.errors ] || cp "$1" why.errors
	tail -n 1 why.errors | cut -c 1-200
	rm -f why.lines why.errors
}

why=
jobs=1
make_jobs "${TT_PARAM_jobs}" 2048
cd "${TT_WORK}"
rm -rf src obj
if [ "$(uname -s)" != Linux ]; then
	say skip.make 'only on Linux: on FreeBSD there is the suite world'
	exit 0
fi
if ! has python3; then
	say skip.make 'no python3'
	exit 0
fi
if [ -n "${TT_PARAM_bindir}" ]; then
	bindir=${TT_PARAM_bindir}
elif ! bindir=$(bindir); then
	say skip.make 'no folder with clang, clang++, clang-cpp and ld.lld (packages clang and lld on Debian, Ubuntu and Amazon Linux)'
	exit 0
fi
if missing=$(headerless "${bindir}/clang" archive.h openssl/evp.h zlib.h bzlib.h); then
	say skip.make "no headers here: ${missing} (libarchive-dev, libssl-dev, zlib1g-dev, libbz2-dev on Debian and Ubuntu; libarchive-devel, openssl-devel, zlib-devel, bzip2-devel on Amazon Linux)"
	exit 0
fi
if ! release_have src.txz "${TT_PARAM_release}" "${TT_PARAM_src_url}" "${TT_PARAM_src_sha256}"; then
	say skip.make "${why}"
	exit 0
fi
progress 'unpacking the sources'
mkdir src obj
tar -xf src.txz -C src || die 'the sources cannot be unpacked: disk full?'
[ -f src/usr/src/tools/build/make.py ] || die 'src.txz holds no usr/src/tools/build/make.py'
printf '%s\n' "${bindir}" >bindir
printf '%s\n' "${jobs}" >jobs.number
# With -n nothing is built but bmake itself. Its build ends with its self-tests, some of which fail by what the machine
# has: opt-debug-x-trace under dash, directive-include and varname-dot-path where there is a folder /nonexistent (seen with
# the sources of 13.2 on Debian 12). BROKEN_TESTS holds patterns of tests to leave out: here all.
progress 'building bmake'
if ! BROKEN_TESTS='*' MAKEOBJDIRPREFIX=${TT_WORK}/obj python3 src/usr/src/tools/build/make.py "--cross-bindir=${bindir}"	\
    TARGET=arm64 TARGET_ARCH=aarch64 -n >bmake.log 2>&1; then
	say skip.make "bmake cannot be built: $(why_failed bmake.log)"
	exit 0
fi
say driver.make make.py
say fact.compiler_version "$("${bindir}/clang" --version 2>/dev/null | sed -n 1p)"
say fact.linker_version "$("${bindir}/ld.lld" --version 2>/dev/null | sed -n 1p)"
say fact.jobs "${jobs}"
