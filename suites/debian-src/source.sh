# Sourced, after say.sh and digest.sh: a source package by Debian's own index.
# shellcheck shell=sh

## apt_source (argument, ...):
# apt-get with the machine's own mirrors, asked for sources, and with lists of its own; no root wanted.  It waits for no
# lock that another holds.
apt_source() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -y -o "Dir::State::lists=${TT_WORK}/lists" -o "Dir::Etc::sourcelist=/dev/null"	\
	    -o "Dir::Etc::sourceparts=${TT_WORK}/mirrors" -o "Dir::Cache::pkgcache=" -o "Dir::Cache::srcpkgcache="		\
	    -o DPkg::Lock::Timeout=0 -o Acquire::Retries=1 -o APT::Update::Error-Mode=any "$@"
}

## mirrors ():
# Write the machine's mirrors as such of sources, and read their index.
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
	if ! apt_source update >apt.log 2>&1; then
		rm -rf lists
		die "the mirrors give no index of sources: $(grep '^E:' apt.log | sed -n 1p)"
	fi
}

## source_have (package, version, digest):
# Have the source package in the folder source.${package}: that version, or the one that the index names; its .dsc with
# that SHA-256, if one is given.  Sets ${dsc}, the name of that file, and ${dsc_sha256}.
source_have() {
	if [ ! -f "source.$1/complete" ]; then
		mirrors
		rm -rf "source.$1"
		mkdir "source.$1"
		progress "fetching the sources of $1"
		(cd "source.$1" && apt_source --download-only source "$1${2:+=$2}") >apt.log 2>&1 ||	\
		    die "cannot fetch the sources of $1${2:+ $2}: $(grep '^E:' apt.log | sed -n 1p)"
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
