#!/bin/sh
#
# Untimed: which package manager is here?
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"

os=$(uname -s)
if [ "${os}" = FreeBSD ] && has pkg; then
	say driver.pkg pkg
	say fact.freebsd_version "$(freebsd-version -u 2>/dev/null)"
	# Not before it is there: asking for its version would fetch it, which is part of pkg-install-git-fresh.
	if pkg -N >/dev/null 2>&1; then
		say fact.pkg_version "$(pkg -v 2>/dev/null)"
	fi
else
	say skip.pkg 'only on FreeBSD'
fi
if [ "${os}" = FreeBSD ] && has portsnap; then
	say driver.portsnap portsnap
else
	say skip.portsnap "portsnap is in FreeBSD's base system before 14.0 only"
fi
for impl in apt dnf; do
	command=${impl}
	[ "${impl}" != apt ] || command=apt-get
	if [ "${os}" = Linux ] && has "${command}"; then
		say "driver.${impl}" "${impl}"
		say "fact.${impl}_version" "$("${command}" --version 2>/dev/null | sed -n 1p)"
		# Amazon Linux pins its repositories to the image's own version.
		[ "${impl}" != dnf ] || say fact.releasever "$(rpm -q --qf '%{VERSION}' system-release 2>/dev/null)"
	else
		say "skip.${impl}" "no ${command} on this Linux, or none at all"
	fi
done
