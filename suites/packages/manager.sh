# Sourced, after say.sh: one set of functions for all package managers: ${TT_IMPL} is pkg, apt or dnf.  None of them waits
# for a lock that another holds: they fail, and say whose it is.
# shellcheck shell=sh

## apt_get (argument, ...):
# apt-get, asking nobody anything.
apt_get() {
	DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a NEEDRESTART_SUSPEND=1			\
	    apt-get -q -y -o DPkg::Lock::Timeout=0 -o Acquire::Retries=0 -o APT::Update::Error-Mode=any	\
	    -o Dpkg::Use-Pty=0 "$@"
}

## own_pkg (argument, ...):
# pkg, asking nobody anything; one try, one second later, for a lock.
own_pkg() {
	ASSUME_ALWAYS_YES=yes LOCK_RETRIES=1 LOCK_WAIT=1 pkg "$@"
}

## own_dnf (argument, ...):
# dnf, asking nobody anything.
own_dnf() {
	dnf -q -y --setopt=exit_on_lock=True --setopt=keepcache=True "$@"
}

## installed ():
# Print all packages that are installed, NAME-VERSION, sorted.
installed() {
	# shellcheck disable=SC2016 # dpkg-query's own
	case ${TT_IMPL} in
	# Before the first pkg was fetched there is none, and pkg -N says so without fetching it.
	pkg) if pkg -N >/dev/null 2>&1; then pkg query -a '%n-%v'; fi ;;
	apt) dpkg-query -W -f '${db:Status-Abbrev}${Package}-${Version}\n' | sed -n 's/^ii *//p' ;;
	dnf) rpm -qa --qf '%{NAME}-%{VERSION}-%{RELEASE}\n' ;;
	esac | LC_ALL=C sort
}

## is_installed (package):
# Is ${package} installed?
is_installed() {
	# shellcheck disable=SC2016 # dpkg-query's own
	case ${TT_IMPL} in
	pkg) pkg -N >/dev/null 2>&1 && pkg info -e "$1" ;;
	apt) [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ] ;;
	dnf) rpm -q "$1" >/dev/null 2>&1 ;;
	esac
}

## removed (package):
# Remove the package, and the dependencies that were installed with it.
removed() {
	is_installed "$1" || return 0
	case ${TT_IMPL} in
	pkg) own_pkg delete -fy "$1" && own_pkg autoremove -y ;;
	apt) apt_get purge "$1" && apt_get autoremove --purge ;;
	dnf) own_dnf --setopt=clean_requirements_on_remove=True remove "$1" ;;
	esac
}

## cache_emptied ():
# Take all packages out of the cache.
cache_emptied() {
	case ${TT_IMPL} in
	pkg) own_pkg clean -ay ;;
	apt) apt_get clean ;;
	dnf) own_dnf clean packages ;;
	esac
}

## fetched_only (package):
# Fetch the package and its dependencies, without installing anything.
fetched_only() {
	case ${TT_IMPL} in
	pkg) own_pkg fetch -dy "$1" ;;
	apt) apt_get --download-only install "$1" ;;
	dnf) own_dnf --downloadonly install "$1" ;;
	esac
}

## locked (status, name):
# On the way out of a step whose output is in files called ${name}out and ${name}err: where it failed because another
# holds the manager's lock, say so, and whose it is if the manager tells.
locked() {
	[ "$1" -ne 0 ] || return 0
	_locked_said=$(cat "${TT_STEP_DIR}/$2out" "${TT_STEP_DIR}/$2err" 2>/dev/null | grep -i				\
	    -e 'could not get lock' -e 'unable to acquire the .* lock' -e 'cannot get an\{0,1\} .* lock'			\
	    -e 'locked by another' -e 'failed to obtain the .* lock' -e 'existing lock .* another copy is running'	\
	    -e 'another app is currently holding the .* lock' | sed -n 1p) || :
	[ -z "${_locked_said}" ] ||	\
	    printf 'package manager locked by another (%s)\n' "${_locked_said}" >"${TT_STEP_DIR}/reason"
}
