# Sourced, after say.sh, digest.sh and fetch.sh: the source archives of FreeBSD's releases, by the digests that the
# project's release manifests give (freebsd-ports, misc/freebsd-release-manifests).
# shellcheck shell=sh disable=SC2034

## release_digest (file, release):
# Set ${release_want}: the SHA-256 of src.txz or ports.txz of ${release}; empty where it is not known.
release_digest() {
	case $1/$2 in
	src.txz/13.1) release_want=b2acdda53269d66d0438d65d808488660375af73679db89d0052169a11f9b24e ;;
	src.txz/13.5) release_want=d3251b1b5cb44287dc3f9d6b5eca781ff6e72b57de99f86c094ce7a8804379d7 ;;
	src.txz/14.2) release_want=2e8a48c5209302e5372ccbaf3e0adf8f21c9cadfdc8277420bf43ac236387a93 ;;
	src.txz/14.3) release_want=a93adfc20d8f783ceb2c09c5d37e8591ce973944b01362146f99242223904ab6 ;;
	src.txz/15.0) release_want=83c3e8157b6d7afcae57167fda75693bf1e5f581ca149a6ecb2d398b71bdfab0 ;;
	ports.txz/13.1) release_want=bc77e652e1021bbeb71bec98816c5964a04b8c32d12f6e30670ba6f9e3d38af6 ;;
	ports.txz/13.5) release_want=b4a4ee028719a1e6dfae3df2af8be6859763eda7e6afa56e380a2cc9d38d5bc3 ;;
	ports.txz/14.2) release_want=a8efb33ca6c49c7016e7a0cf5aa1c75bd208aa0c23695e28c7a9f92fa3ffc895 ;;
	ports.txz/14.3) release_want=0a0bdee048af6be56448d0f7bde2895ad314ea6ee03e5e0dae6ae959f08cc2db ;;
	ports.txz/15.0) release_want=a853119fbebb744870602e9bdfc6cd4fe5af298fe375eec185ca0213b2911bb6 ;;
	*) release_want= ;;
	esac
}

## release_entries (file, release):
# Set ${release_count}: how many entries tar lists in it, by the same manifests; empty where it is not known.
release_entries() {
	case $1/$2 in
	src.txz/13.1) release_count=95871 ;;
	src.txz/13.5) release_count=101270 ;;
	src.txz/14.2) release_count=108734 ;;
	src.txz/14.3) release_count=109611 ;;
	src.txz/15.0) release_count=118125 ;;
	ports.txz/13.1) release_count=184427 ;;
	ports.txz/13.5) release_count=205322 ;;
	ports.txz/14.2) release_count=205304 ;;
	ports.txz/14.3) release_count=205801 ;;
	ports.txz/15.0) release_count=212312 ;;
	*) release_count= ;;
	esac
}

## release_have (file, release, url, digest):
# Have ${file} of ${release} in the working folder: from ${url} with ${digest} where those are given (a mirror of one's
# own, or another release), else from the project's two places with the digest that is known.  Both architectures have
# the same two files.  1 and ${why} where it cannot be had.
release_have() {
	release_want=$4
	[ -n "${release_want}" ] || release_digest "$1" "$2"
	if [ -z "${release_want}" ]; then
		why="no digest is known for $1 of FreeBSD $2 (13.1, 13.5, 14.2, 14.3 and 15.0 are): give its address and its SHA-256"
		return 1
	fi
	if [ -n "$3" ]; then
		fetched "$1" "${release_want}" "$3"
		return
	fi
	release_new=https://download.FreeBSD.org/releases/amd64/$2-RELEASE/$1
	release_old=http://ftp-archive.freebsd.org/pub/FreeBSD-Archive/old-releases/amd64/$2-RELEASE/$1
	case $2 in
	13.1) fetched "$1" "${release_want}" "${release_old}" "${release_new}" ;;
	*) fetched "$1" "${release_want}" "${release_new}" "${release_old}" ;;
	esac
}
