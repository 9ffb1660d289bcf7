#!/bin/sh
#
# Untimed: the sources of the release, by their digest, unpacked and read once; and what is to be built on what.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest fetch release make-jobs; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/target.sh"

why=
jobs=1
make_jobs "${TT_PARAM_jobs}" 2048
target_of "${TT_PARAM_target}"
case ${TT_PARAM_tmpfs} in
yes | no) ;;
*)
	echo "tmpfs: expected yes or no, got \"${TT_PARAM_tmpfs}\"" >&2
	exit 2
	;;
esac
cd "${TT_WORK}"
if [ "$(uname -s)" != FreeBSD ]; then
	say skip.make 'only on FreeBSD: freebsd-kernel-cross builds its kernel on Linux'
	exit 0
fi
# A machine shows some percent less memory than it is sold with.
wants=$((11444 + 2048 * jobs))
if [ "${TT_PARAM_tmpfs}" = yes ] && [ "$(memory_mib)" -lt $((wants * 9 / 10)) ]; then
	say skip.make "tmpfs=yes wants ${wants} MiB of memory (12 GB, and 2 GiB for each of ${jobs} jobs), $(memory_mib) are here"
	exit 0
fi
if ! release_have src.txz "${TT_PARAM_release}" "${TT_PARAM_src_url}" "${TT_PARAM_src_sha256}"; then
	say skip.make "${why}"
	exit 0
fi
progress 'unpacking the sources'
rm -rf src
mkdir src
tar -xf src.txz -C src || die 'the sources cannot be unpacked: disk full?'
[ -f src/usr/src/Makefile.inc1 ] || die 'src.txz holds no usr/src/Makefile.inc1'
# Blocks of a volume made from an image are loaded when they are first read.
find src -type f -exec cat {} + >/dev/null
printf '%s\n' "${jobs}" >jobs.number
say driver.make make
say fact.freebsd_version "$(freebsd-version -ku 2>/dev/null | tr '\n' ' ')"
say fact.compiler_version "$(cc --version 2>/dev/null | sed -n 1p)"
say fact.linker_version "$(ld --version 2>/dev/null | sed -n 1p)"
say fact.jobs "${jobs}"
