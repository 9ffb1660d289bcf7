# Sourced, after say.sh: which port a row builds, and how make is called for it.
# shellcheck shell=sh disable=SC2034

## port_of (row):
# Set ${origin}, and ${package}, the name of what it installs.  Ends the step where there is no such row.  Forks nothing.
port_of() {
	package=$1
	case $1 in
	apache24) origin=www/apache24 ;;
	xorg) origin=x11/xorg ;;
	libreoffice) origin=editors/libreoffice ;;
	*) die 'there is no such row' ;;
	esac
}

## port_make (word, ...):
# Call make for the port without the configuration of user and machine, and without prompts.
# DISTDIR is where fetch-recursive left the files; a system past its end of life is built on all the same.
port_make() {
	env -i PATH=/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin HOME=/root LC_ALL=C BATCH=yes		\
	    make -C "${TT_WORK}/tree/usr/ports/${origin}" __MAKE_CONF=/dev/null "PORTSDIR=${TT_WORK}/tree/usr/ports"	\
	    DISABLE_VULNERABILITIES=yes DISABLE_LICENSES=yes ALLOW_UNSUPPORTED_SYSTEM=yes				\
	    "DISTDIR=${TT_WORK}/distfiles" "WRKDIRPREFIX=${TT_WORK}/wrk" "$@"
}
