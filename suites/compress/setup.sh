#!/bin/sh
#
# Untimed: make the text, find the programs, and compress the text once with each for the rows that decompress.
set -eu

text_digest=
for part in say digest text; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/work.sh"

## program (impl, version, command, ...):
# Say by what ${impl} runs, the first of the commands that is there and can do the work, and what the shell text
# ${version} tells of it; or that it is skipped.
program() {
	_program_impl=$1
	_program_version=$2
	shift 2
	_program_why="none of its commands here: $*"
	for command in "$@"; do
		has "${command}" || continue
		printf '%s\n' "${command}" >"${TT_WORK}/${_program_impl}.command"
		rm -f "packed.${_program_impl}" unpacked
		if pack "${_program_impl}" "packed.${_program_impl}" >pack.log 2>&1 &&		\
		    unpack "${_program_impl}" "packed.${_program_impl}" unpacked >>pack.log 2>&1 &&	\
		    [ "$(sha256_in <unpacked)" = "${text_digest}" ]; then
			rm -f unpacked pack.log
			say "driver.${_program_impl}" command
			say "fact.${_program_impl}_version" "$(version_of "${_program_version}" "${command}")"
			return 0
		fi
		_program_why="${command} does not compress and decompress here: $(tail -n 1 pack.log)"
	done
	say "skip.${_program_impl}" "${_program_why}"
}

## version_of (how, command):
# Print the line of ${command}'s output that has its version in it.
version_of() {
	case $1 in
	option) "$2" --version 2>/dev/null ;;
	banner) "$2" 2>/dev/null ;;
	esac | grep '[0-9]\.[0-9]' | sed -n 1p
}

cd "${TT_WORK}"
text_to text "${TT_PARAM_bytes-16000000}"
program zstd option zstd
program xz option xz
program 7z banner 7zz 7z 7za
