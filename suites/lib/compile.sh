# Sourced, after say.sh: compiles C programs of a suite.
# shellcheck shell=sh disable=SC2034

## compiled (program, flag, source, ..., library, ...):
# Make ${TT_WORK}/${program} from sources of the suite's folder, by the first of cc, gcc and clang that can.  No
# -march=native: the program is what a distribution would ship.  Sets ${compiler}; ${why} and returns 1 where none can.
compiled() {
	_compiled_program=${TT_WORK}/$1
	shift
	why='no C compiler (cc, gcc or clang)'
	for compiler in cc gcc clang; do
		has "${compiler}" || continue
		if (cd "${TT_SUITE_DIR}" && "${compiler}" -std=c99 -o "${_compiled_program}" "$@") >"${TT_WORK}/compile.log" 2>&1; then
			rm -f "${TT_WORK}/compile.log"
			return 0
		fi
		why="${compiler} failed: $(sed -n '/rror/{p;q;}' "${TT_WORK}/compile.log")"
	done
	rm -f "${_compiled_program}" "${TT_WORK}/compile.log"
	return 1
}

## headerless (compiler, header, ...):
# Print those headers that ${compiler} does not find, with blanks between; 1 where none is lacking.
headerless() {
	_headerless_compiler=$1
	shift
	_headerless=
	for _headerless_one in "$@"; do
		printf '#include <%s>\n' "${_headerless_one}" |	\
		    "${_headerless_compiler}" -E -x c - >/dev/null 2>&1 ||	\
		    _headerless="${_headerless:+${_headerless} }${_headerless_one}"
	done
	[ -n "${_headerless}" ] && printf '%s\n' "${_headerless}"
}
