#!/bin/sh
#
# The timed step: buildworld and buildkernel, nothing of the user's or the machine's configuration taken along.
# MAKEOBJDIRPREFIX is read from the environment only, SRC_ENV_CONF before anything else; META_MODE, which would make a
# second build do nothing, can be switched on by no file that is read.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/watch.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/target.sh"

target=
target_of "${TT_PARAM_target}"
[ -f "${TT_WORK}/jobs.number" ] || die 'setup prepared nothing'
read -r jobs <"${TT_WORK}/jobs.number"
# Two words or none, both of letters, digits, = and _.
# shellcheck disable=SC2086
set -- ${target}
case ${TT_ROW} in
buildworld-buildkernel) ;;
# The compiler and the linker are always built first, so that the work does not depend on the host's.
world-full) set -- "$@" WITHOUT_SYSTEM_COMPILER=yes WITHOUT_SYSTEM_LINKER=yes ;;
*) die 'there is no such row' ;;
esac
watched '^>>>' env -i PATH=/sbin:/bin:/usr/sbin:/usr/bin HOME=/root LC_ALL=C						\
    "MAKEOBJDIRPREFIX=${TT_WORK}/obj" SRC_ENV_CONF=/dev/null								\
    make -C "${TT_WORK}/src/usr/src" "-j${jobs}" __MAKE_CONF=/dev/null SRCCONF=/dev/null KERNCONF=GENERIC "$@"	\
    buildworld buildkernel
