#!/bin/sh
#
# Untimed: is this a system that builds Debian's packages?
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say make-jobs; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done

jobs=1
make_jobs "${TT_PARAM_jobs}" 2048
if missing=$(lacking apt-get dpkg-source dpkg-buildpackage make); then
	say skip.dpkg "not here: ${missing} (Debian and Ubuntu have them, in dpkg-dev and build-essential)"
	exit 0
fi
printf '%s\n' "${jobs}" >"${TT_WORK}/jobs.number"
say driver.dpkg dpkg-buildpackage
say fact.dpkg_version "$(dpkg-buildpackage --version 2>/dev/null | sed -n 1p)"
say fact.compiler_version "$(cc --version 2>/dev/null | sed -n 1p)"
say fact.linker_version "$(ld --version 2>/dev/null | sed -n 1p)"
say fact.jobs "${jobs}"
