#!/bin/sh
#
# Untimed: the ports tree of the release, by its digest, as /usr/ports.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest fetch release make-jobs; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done

why=
jobs=1
make_jobs "${TT_PARAM_jobs}" 2048
cd "${TT_WORK}"
if [ "$(uname -s)" != FreeBSD ]; then
	say skip.ports 'only on FreeBSD: debian-src builds packages on Debian and Ubuntu'
	exit 0
fi
if ! release_have ports.txz "${TT_PARAM_release}" "${TT_PARAM_ports_url}" "${TT_PARAM_ports_sha256}"; then
	say skip.ports "${why}"
	exit 0
fi
progress 'unpacking the ports tree'
rm -rf tree
mkdir tree
tar -xf ports.txz -C tree || die 'the ports tree cannot be unpacked: disk full?'
[ -f tree/usr/ports/Mk/bsd.port.mk ] || die 'ports.txz holds no usr/ports/Mk/bsd.port.mk'
printf '%s\n' "${jobs}" >jobs.number
say driver.ports make
say fact.freebsd_version "$(freebsd-version -ku 2>/dev/null | tr '\n' ' ')"
say fact.compiler_version "$(cc --version 2>/dev/null | sed -n 1p)"
say fact.linker_version "$(ld --version 2>/dev/null | sed -n 1p)"
say fact.jobs "${jobs}"
