# Sourced: SHA-256 by the tool that the system has, and where a file with another digest is moved.
# shellcheck shell=sh disable=SC2154

## sha256_in ():
# Print the SHA-256 of standard input in lower-case hex; return 1 where there is no tool for it.
sha256_in() {
	if command -v sha256sum >/dev/null 2>&1; then
		_sha256_said=$(sha256sum) || return 1
	elif command -v sha256 >/dev/null 2>&1; then
		_sha256_said=$(sha256 -q) || return 1
	else
		_sha256_said=$(openssl dgst -sha256 -r) || return 1
	fi
	_sha256_said=${_sha256_said%% *}
	case ${_sha256_said} in
	*[!0-9a-f]*) return 1 ;;
	esac
	[ "${#_sha256_said}" -eq 64 ] && printf '%s\n' "${_sha256_said}"
}

## kept_aside (file, name):
# Move a file that is not what it should be to where it outlives the run, and set ${kept} to its path there.
kept_aside() {
	kept=${TT_REFUSED:-${TT_WORK}}/$2
	mkdir -p "${kept%/*}"
	mv -f "$1" "${kept}"
}
