#!/bin/sh
#
# Did the trial do the work?  And which packages were installed: two machines may be compared only where the set is equal.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/manager.sh"

## set_id ():
# Print an id of the set of packages on standard input, each NAME-VERSION.
set_id() {
	LC_ALL=C sort -u | sha256_in
}

## cached ():
# Print the packages in the cache.
cached() {
	case ${TT_IMPL} in
	# Beside each package there is a link to it, without the checksum in its name, or with it.
	pkg) find /var/cache/pkg -name '*.pkg' -o -name '*.txz' ;;
	apt)
		_cached_folder=$(apt-config shell at Dir::Cache::archives/d | sed "s/^at='\(.*\)'$/\1/")
		find "${_cached_folder}" -name '*.deb'
		;;
	dnf) find /var/cache/dnf /var/cache/libdnf5 -name '*.rpm' 2>/dev/null ;;
	esac | sed 's|.*/||; s/~[0-9a-f]*\././'
}

cd "${TT_WORK}"
package=${TT_PARAM_package}
case ${TT_ROW} in
pkg-catalogue)
	# What the catalogue says changes by the hour: comparable on one day.
	case ${TT_IMPL} in
	pkg) pkg rquery '%n-%v' ;;
	# Of a repository on this disk apt keeps links.
	apt) find lists ! -type d -name '*Packages*' -exec cat {} + ;;
	dnf) dnf -q -C repoquery --qf '%{name}-%{evr}\n' ;;
	esac >listed
	[ -s listed ] || die 'the catalogue is empty'
	id=$(set_id <listed)
	rm -rf listed lists
	;;
pkg-fetch-git)
	cached >in-cache
	[ -s in-cache ] || die 'no package was fetched'
	if is_installed "${package}"; then
		die "${package} was installed, not only fetched"
	fi
	id=$(set_id <in-cache)
	say reported.packages "$(LC_ALL=C sort -u in-cache | wc -l | tr -d ' ')"
	rm -f in-cache
	;;
pkg-install-git | pkg-install-git-fresh)
	is_installed "${package}" || die "${package} is not installed"
	installed >after
	LC_ALL=C comm -13 before after >added
	[ -s added ] || die 'nothing was installed'
	case ${TT_IMPL} in
	pkg) pkg check -s "${package}" >&2 || die "${package}: pkg check finds changed files" ;;
	esac
	[ "${package}" != git ] || git --version >&2 || die 'git does not run'
	id=$(set_id <added)
	say reported.packages "$(wc -l <added | tr -d ' ')"
	rm -f added after before
	;;
portsnap-fetch-extract)
	if [ ! -f ports/Makefile ] || [ ! -f ports/UIDs ]; then
		die 'no ports tree was extracted'
	fi
	# As in portsnap|1653274800|SHA-256 of the snapshot's metadata.
	[ -f portsnap/tag ] || die 'portsnap left no tag'
	IFS='|' read -r _ stamp hash _ <portsnap/tag || [ -n "${hash}" ] || die 'portsnap left no tag'
	id="${stamp} ${hash}"
	;;
*) die 'there is no such row' ;;
esac
say work_id "${id}"
say digest "${id}"
