#!/bin/sh
#
# The timed step, as FreeBSD's own CI does it on Linux: the tools that a kernel wants, then the kernel.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/watch.sh"

## build (word, ...):
# One call of the sources' script.
build() {
	env -i "PATH=${PATH}" "HOME=${TT_WORK}" LC_ALL=C "MAKEOBJDIRPREFIX=${TT_WORK}/obj" SRC_ENV_CONF=/dev/null	\
	    BROKEN_TESTS='*'									\
	    python3 tools/build/make.py "--cross-bindir=${bindir}" TARGET=arm64 TARGET_ARCH=aarch64		\
	    __MAKE_CONF=/dev/null SRCCONF=/dev/null "$@"
}

## both ():
# Build the toolchain, then the kernel.
both() {
	build kernel-toolchain -s "-j${jobs}" && build KERNCONF=GENERIC NO_MODULES=yes buildkernel -s "-j${jobs}"
}

[ -f "${TT_WORK}/jobs.number" ] || die 'setup prepared nothing'
read -r bindir <"${TT_WORK}/bindir"
read -r jobs <"${TT_WORK}/jobs.number"
cd "${TT_WORK}/src/usr/src"
watched '^>>>' both
