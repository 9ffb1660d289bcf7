#!/bin/sh
#
# Before each timed run: the sources, all that building them wants, and an empty folder to build in.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/source.sh"

cd "${TT_WORK}"
dsc=
source_have "${TT_ROW}" "${TT_PARAM_version}" "${TT_PARAM_dsc_sha256}"
rm -rf build
mkdir build
dpkg-source -x "source.${TT_ROW}/${dsc}" build/tree >apt.log 2>&1 || die "dpkg-source: $(tail -n 1 apt.log)"
if ! (cd build/tree && dpkg-checkbuilddeps) >apt.log 2>&1; then
	progress "installing what building ${TT_ROW} wants"
	DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=0 update >apt.log 2>&1 ||	\
	    die "apt-get update: $(grep '^E:' apt.log | sed -n 1p)"
	DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get -q -y -o DPkg::Lock::Timeout=0 build-dep	\
	    "./source.${TT_ROW}/${dsc}" >apt.log 2>&1 || die "apt-get build-dep: $(grep '^E:' apt.log | sed -n 1p)"
fi
rm -rf build
mkdir build
printf '%s\n' "${dsc}" >build/dsc.name
