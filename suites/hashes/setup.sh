#!/bin/sh
#
# Untimed: make the programs, choose the driver of openssl-evp, and say what it is that will be timed.
#
# openssl-evp runs by the first of these that gives the right digests: a C program with -lcrypto, python3's hashlib,
# node's crypto.  All three time the same trial of the same libcrypto code.  The parameter `driver` forces one.
set -eu

contexts=0 blocks_each=0
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/work.sh"

# Why the last attempt failed.
why=

## say (name, text):
# Print ${name}=${text} as the protocol wants it: printable ASCII, one line, at most 400 bytes.  Nothing if ${text} is
# empty: what was not found is absent.
say() {
	_say_text=$2
	case ${_say_text} in
	*[!\ -~]*) _say_text=$(printf '%s' "${_say_text}" | tr '\t\n' '  ' | tr -cd ' -~') ;;
	esac
	[ "${#_say_text}" -le 400 ] || _say_text=$(printf '%s' "${_say_text}" | cut -c 1-400)
	[ -z "${_say_text}" ] || printf '%s=%s\n' "$1" "${_say_text}"
}

## has (command):
# Is ${command} on PATH?
has() {
	command -v "$1" >/dev/null 2>&1
}

## known_answers (cmd, ...):
# Does ${cmd} give the known digest of one block, for each of the four?
known_answers() {
	for _known_pair in								\
	    md5=dc50add066871756c3f0260f0aa76cd2					\
	    sha1=399384e8c22efbc7b9458136fd50cac5d513ba70				\
	    sha256=3421d9aa928a94decb191ab8e8b76c1d8434bf602c5b3ba10ad42f54c8199c34	\
	    sha512=04fb3e81ecd46e1af625bb1f156475a3384a7e4384abfa43f846bc3412f9041d\
89a275635d79c6ab88d2e0fcaa138985ffd4721e42b3c62f05b1ebe060349a99
	do
		_known_got=$("$@" "${_known_pair%%=*}" 1 1 2>/dev/null) || return 1
		[ "${_known_got}" = "Digest = ${_known_pair#*=}" ] || return 1
	done
}

## compile (program, source, ..., library, ...):
# Make ${TT_WORK}/${program} with the first compiler whose product gives the right digests.  Sets ${compiler}, or
# ${why}.  No -march=native: the program is what a distribution would ship.
compile() {
	_compile_program=${TT_WORK}/$1
	_compile_name=$1
	shift

	why='no C compiler (cc, gcc or clang)'
	for compiler in cc gcc clang; do
		has "${compiler}" || continue
		rm -f "${_compile_program}"
		if ! (cd "${TT_SUITE_DIR}" &&							\
		    "${compiler}" -O2 -std=c99 -o "${_compile_program}" "$@") >"${TT_WORK}/compile.log" 2>&1; then
			why="${compiler} failed on ${_compile_name}: $(sed -n '/rror/{p;q;}' "${TT_WORK}/compile.log")"
		elif known_answers "${_compile_program}"; then
			return 0
		else
			why="${_compile_name}, as made by ${compiler}, does not run or gives wrong digests"
		fi
	done
	rm -f "${_compile_program}"
	return 1
}

## driver_c ():
# Can openssl-evp run with the C program as its driver?  Sets ${why} if not, as all three do.
driver_c() {
	compile evp trial.c evp.c -lcrypto || return 1
	"${TT_WORK}/evp" facts >"${TT_WORK}/facts"
}

## driver_python ():
# Can the row run with python3 as its driver?  The interpreter itself is noted, since what is on PATH may be a script that looks for it.
driver_python() {
	why='no python3'
	has python3 || return 1
	why='python3 does not run'
	_python=$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null) || return 1
	why="python3's hashlib does not use OpenSSL, or gives wrong digests"
	known_answers "${_python}" -I -S "${TT_SUITE_DIR}/evp.py" || return 1
	printf '%s\n' "${_python}" >"${TT_WORK}/python.path"
	"${_python}" -I -S "${TT_SUITE_DIR}/evp.py" facts >"${TT_WORK}/facts" 2>/dev/null || true
}

## driver_node ():
# Can the row run with node as its driver?
driver_node() {
	why='no node'
	has node || return 1
	why='node does not run'
	_node=$(node -p process.execPath 2>/dev/null) || return 1
	why="node's crypto gives wrong digests"
	known_answers "${_node}" "${TT_SUITE_DIR}/evp.mjs" || return 1
	printf '%s\n' "${_node}" >"${TT_WORK}/node.path"
	"${_node}" "${TT_SUITE_DIR}/evp.mjs" facts >"${TT_WORK}/facts"
}

## bit (word, n):
# Is bit ${n} of the hexadecimal ${word} set?  Digit by digit: a shell's arithmetic may not have 64 bits.
bit() {
	_bit_word=${1#0x}
	_bit_n=$2
	while [ "${_bit_n}" -ge 4 ]; do
		_bit_word=${_bit_word%?}
		_bit_n=$((_bit_n - 4))
	done
	_bit_word=${_bit_word#"${_bit_word%?}"}
	[ $((0x${_bit_word:-0} >> _bit_n & 1)) -eq 1 ]
}

## features (settings):
# Print the kernel's names of those instruction sets that matter to a hash and that OpenSSL's ${settings}, its
# capability words, allow: a list with commas, "none" where there are none, nothing where the words are not known.
# Bits: doc/man3/OPENSSL_ia32cap.pod (bits 32 up of the first word are cpuid's ecx, the second is leaf 7's ebx) and
# crypto/arm_arch.h.
features() {
	_features_words=${1#*=}
	_features_words=${_features_words%% *}
	_features_first=${_features_words%%:*}
	_features_second=${_features_words#*:}
	_features_second=${_features_second%%:*}
	case $1 in
	OPENSSL_ia32cap=0x*:0x*)
		set -- "${_features_second}" 29 sha_ni "${_features_second}" 5 avx2 "${_features_first}" 60 avx	\
		    "${_features_first}" 41 ssse3 "${_features_second}" 3 bmi1 "${_features_second}" 8 bmi2
		;;
	OPENSSL_armcap=0x*)
		set -- "${_features_first}" 3 sha1 "${_features_first}" 4 sha2 "${_features_first}" 6 sha512
		;;
	*)
		return 0
		;;
	esac

	_features_list=
	while [ $# -gt 0 ]; do
		if bit "$1" "$2"; then
			_features_list=${_features_list:+${_features_list},}$3
		fi
		shift 3
	done
	echo "${_features_list:-none}"
}

## openssl_facts ():
# Print what is known of the libcrypto that will be timed.  Where it does not tell its capability words, those of the
# openssl command stand in for them, and it is said.
openssl_facts() {
	_facts_cpu=
	while IFS= read -r _facts_line; do
		say "${_facts_line%%=*}" "${_facts_line#*=}"
		case ${_facts_line} in
		fact.openssl_cpu=*) _facts_cpu=${_facts_line#*=} ;;
		esac
	done <"${TT_WORK}/facts"

	if [ -z "${_facts_cpu}" ] && _facts_cpu=$(openssl version -c 2>/dev/null); then
		_facts_cpu=${_facts_cpu#CPUINFO: }
		case ${_facts_cpu} in
		OPENSSL_*)
			say fact.openssl_cpu "${_facts_cpu}"
			say fact.openssl_cpu_source "openssl version -c, of $(openssl version 2>/dev/null)"
			;;
		esac
	fi
	say fact.features.openssl-evp "$(features "${_facts_cpu}")"
}

## openssl_evp ():
# Choose the driver of openssl-evp, and print it with its facts, or why there is none.
openssl_evp() {
	case ${TT_PARAM_driver:-auto} in
	auto) _evp_chain='c python node' ;;
	c | python | node) _evp_chain=${TT_PARAM_driver} ;;
	*)
		say skip.openssl-evp "driver: expected c, python or node, got \"${TT_PARAM_driver}\""
		return
		;;
	esac

	_evp_whys=
	for _evp_driver in ${_evp_chain}; do
		if "driver_${_evp_driver}"; then
			say driver.openssl-evp "${_evp_driver}"
			openssl_facts
			return
		fi
		_evp_whys=${_evp_whys:+${_evp_whys}; }${_evp_driver}:\ ${why}
	done
	say skip.openssl-evp "${_evp_whys}"
}

## portable_c ():
# Make the program of portable-c, and print its driver and its compiler, or why there is none.
portable_c() {
	if compile portable trial.c portable.c portable_md5.c portable_sha1.c portable_sha2.c; then
		say driver.portable-c c
		say fact.compiler "$("${compiler}" --version 2>/dev/null | sed -n 1p)"
		say fact.compiler_flags '-O2 -std=c99'
	else
		say skip.portable-c "${why}"
	fi
}

## libmd_base ():
# Is there the base system's own time trial, and is it the one that was asked for?
libmd_base() {
	if [ "$(uname -s)" != FreeBSD ]; then
		say skip.libmd-base 'only on FreeBSD'
		return
	fi
	if [ "${contexts}/${blocks_each}" != 1/100000 ]; then
		say skip.libmd-base "the base system's trial is 100000 blocks, not ${TT_PARAM_blocks-}"
		return
	fi
	for _libmd_alg in md5 sha1 sha256 sha512; do
		if ! has "${_libmd_alg}"; then
			say skip.libmd-base "no ${_libmd_alg} command"
			return
		fi
	done
	say driver.libmd-base md5-t
	say fact.freebsd_version "$(freebsd-version -u 2>/dev/null)"
	for _libmd_file in /lib/libmd.so.*; do
		if [ -f "${_libmd_file}" ]; then
			say fact.libmd_sha256 "$(sha256 -q "${_libmd_file}" 2>/dev/null)"
		fi
	done
}

cd "${TT_WORK}"
rm -f facts evp portable python.path node.path
openssl_evp
portable_c
libmd_base
