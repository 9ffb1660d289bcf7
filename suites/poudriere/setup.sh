#!/bin/sh
#
# Untimed: poudriere, a jail of the release, the release's ports tree, and every file that the port wants.  Its
# configuration is this suite's own: the machine's is not read.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest fetch release; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/own.sh"

## skip (text):
# Say why no row can run here; that is no failure.
skip() {
	say skip.poudriere "$1"
	exit 0
}

why=
jobs=1
poudriere_words
cd "${TT_WORK}"
[ "$(uname -s)" = FreeBSD ] || skip 'only on FreeBSD: debian-src builds packages on Debian and Ubuntu'
if ! has poudriere; then
	ASSUME_ALWAYS_YES=yes LOCK_RETRIES=1 LOCK_WAIT=1 pkg install -y poudriere >pkg.log 2>&1 ||	\
	    skip "poudriere cannot be installed: $(tail -n 1 pkg.log)"
fi
release_have ports.txz "${TT_PARAM_release}" "${TT_PARAM_ports_url}" "${TT_PARAM_ports_sha256}" || skip "${why}"
progress 'unpacking the ports tree'
rm -rf tree
mkdir -p tree etc distfiles data
tar -xf ports.txz -C tree || die 'the ports tree cannot be unpacked: disk full?'
[ -d "tree/usr/ports/${TT_PARAM_origin}" ] || die "the ports tree has no ${TT_PARAM_origin}"
{
	echo 'NO_ZFS=yes'
	echo "BASEFS=${TT_WORK}/data"
	echo "DISTFILES_CACHE=${TT_WORK}/distfiles"
	echo 'FREEBSD_HOST=https://download.FreeBSD.org'
	echo 'RESOLV_CONF=/etc/resolv.conf'
	echo 'USE_TMPFS=no'
	echo 'NOLINUX=yes'
	[ "${TT_PARAM_make_jobs}" = no ] || echo 'ALLOW_MAKE_JOBS=yes'
} >etc/poudriere.conf
progress "making a jail of ${TT_PARAM_release}"
method=http
[ "${TT_PARAM_release}" != 13.1 ] || method=ftp-archive
own_poudriere jail -c -j bench -v "${TT_PARAM_release}-RELEASE" -m "${method}" >poudriere.log 2>&1 ||	\
    die "poudriere jail: $(tail -n 3 poudriere.log | tr '\n' ' ')"
own_poudriere ports -c -p bench -m null -M "${TT_WORK}/tree/usr/ports" >poudriere.log 2>&1 ||	\
    die "poudriere ports: $(tail -n 3 poudriere.log | tr '\n' ' ')"
progress "fetching the files of ${TT_PARAM_origin}"
for goal in fetch-recursive checksum-recursive; do
	env -i PATH=/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin HOME=/root LC_ALL=C BATCH=yes	\
	    make -C "${TT_WORK}/tree/usr/ports/${TT_PARAM_origin}" __MAKE_CONF=/dev/null			\
	    "PORTSDIR=${TT_WORK}/tree/usr/ports" DISABLE_VULNERABILITIES=yes DISABLE_LICENSES=yes		\
	    ALLOW_UNSUPPORTED_SYSTEM=yes "DISTDIR=${TT_WORK}/distfiles" "${goal}" >poudriere.log 2>&1 ||	\
	    die "${goal}: $(tail -n 3 poudriere.log | tr '\n' ' ')"
done
say driver.poudriere poudriere
say fact.poudriere_version "$(poudriere version 2>/dev/null)"
say fact.freebsd_version "$(freebsd-version -ku 2>/dev/null | tr '\n' ' ')"
say fact.builders "${jobs}"
