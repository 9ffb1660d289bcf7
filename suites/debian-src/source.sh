# Sourced, after say.sh and digest.sh: a source package by Debian's own index.
# shellcheck shell=sh

## apt_own (command, argument, ...):
# Run apt-get or apt-cache for source packages from the machine's mirrors.  Its index files are its own, so that it needs
# no root and no lock.
apt_own() {
	_apt_own=$1
	shift
	DEBIAN_FRONTEND=noninteractive "${_apt_own}" -q -o "Dir::State::lists=${TT_WORK}/lists"	\
	    -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=${TT_WORK}/mirrors"		\
	    -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache=" -o DPkg::Lock::Timeout=0		\
	    -o Acquire::Retries=1 -o APT::Update::Error-Mode=any "$@"
}

## mirrors ():
# Write a list of the machine's mirrors for source packages, and download their index.
mirrors() {
	[ ! -d lists ] || return 0
	rm -rf mirrors
	mkdir mirrors lists.new
	for _mirrors_file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ ! -f "${_mirrors_file}" ] ||	\
		    sed -n 's/^deb /deb-src /p' "${_mirrors_file}" >"mirrors/$(basename "${_mirrors_file}" .list).list"
	done
	for _mirrors_file in /etc/apt/sources.list.d/*.sources; do
		[ ! -f "${_mirrors_file}" ] ||	\
		    sed 's/^Types:.*/Types: deb-src/' "${_mirrors_file}" >"mirrors/$(basename "${_mirrors_file}")"
	done
	mv lists.new lists
	if ! apt_own apt-get update >apt.log 2>&1; then
		rm -rf lists
		die "the mirrors give no index of sources: $(grep '^E:' apt.log | sed -n 1p)"
	fi
}

## source_fetch (package, version):
# Fetch the source package, of that version or the newest, into its folder, which is made anew.  1 where that fails.
source_fetch() {
	rm -rf "source.$1"
	mkdir "source.$1"
	(cd "source.$1" && apt_own apt-get --download-only source "$1${2:+=$2}") >apt.log 2>&1
}

## source_any (package):
# Fetch the first version of the index that the mirror has: the index may name versions that the mirror lacks.  Return 1
# where it has none.
source_any() {
	for _any_version in $(apt_own apt-cache --only-source showsrc "$1" | sed -n 's/^Version: //p'); do
		! source_fetch "$1" "${_any_version}" || return 0
	done
	return 1
}

## source_have (package, version, digest):
# Have the source package in the folder source.${package}: that version, or the one that the index names; its .dsc with
# that SHA-256, if one is given.  Sets ${dsc}, the name of that file, and ${dsc_sha256}.
source_have() {
	if [ ! -f "source.$1/complete" ]; then
		mirrors
		progress "fetching the sources of $1"
		if ! source_fetch "$1" "$2"; then
			_have_why="cannot fetch the sources of $1${2:+ $2}: $(grep '^E:' apt.log | sed -n 1p)"
			if [ -n "$2" ] || ! source_any "$1"; then
				die "${_have_why}"
			fi
		fi
	fi
	set -- "source.$1"/*.dsc "$3"
	if [ $# -ne 2 ] || [ ! -f "$1" ]; then
		die "expected one .dsc, got $1"
	fi
	dsc=${1##*/}
	dsc_sha256=$(sha256_in <"$1") || die "$1 cannot be read"
	if [ -n "$2" ] && [ "${dsc_sha256}" != "$2" ]; then
		kept=
		kept_aside "$1" "${dsc}.refused"
		die "${dsc}: kept as ${kept}: expected SHA-256 $2, got ${dsc_sha256}"
	fi
	: >"${1%/*}/complete"
}
