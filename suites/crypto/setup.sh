#!/bin/sh
#
# Untimed: choose the driver, the first of a C program with -lcrypto and node's crypto that gives the right digests;
# make the keys, which are the same on every machine; say which library it is.
set -eu

for part in say compile; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/known.sh"

## known_answers (cmd, ...):
# Does ${cmd} make the keys, and give the known digest of one unit of each row?
known_answers() {
	"$@" key "${TT_WORK}" >/dev/null 2>&1 || return 1
	for _known_row in aes-256-gcm chacha20-poly1305 rsa2048-sign rsa2048-verify ecdsap256-sign ecdsap256-verify; do
		known "${_known_row}"
		_known_got=$("$@" "${_known_row}" 1 "${TT_WORK}" 2>/dev/null) || return 1
		[ "${_known_got}" = "Digest = ${want}" ] || return 1
	done
}

## driver_c ():
# Can the row run with the C program as its driver?  Sets ${why} if not, as the other does.
driver_c() {
	compiled crypto -O2 crypto.c keys.c -lcrypto || return 1
	why="the program, as made by ${compiler}, does not run or gives wrong digests"
	known_answers "${TT_WORK}/crypto" || return 1
	"${TT_WORK}/crypto" facts >"${TT_WORK}/facts"
}

## driver_node ():
# Can the row run with node as its driver?
driver_node() {
	why='no node'
	has node || return 1
	why='node does not run'
	_node=$(node -p process.execPath 2>/dev/null) || return 1
	why="node's crypto lacks something, or gives wrong digests"
	known_answers "${_node}" "${TT_SUITE_DIR}/crypto.mjs" || return 1
	printf '%s\n' "${_node}" >node.path
	"${_node}" "${TT_SUITE_DIR}/crypto.mjs" facts >"${TT_WORK}/facts"
}

cd "${TT_WORK}"
rm -f facts crypto node.path
case ${TT_PARAM_driver:-auto} in
auto) chain='c node' ;;
c | node) chain=${TT_PARAM_driver} ;;
*)
	say skip.openssl-evp "driver: expected c or node, got \"${TT_PARAM_driver}\""
	exit 0
	;;
esac
want='' compiler='' why='' whys=''
for driver in ${chain}; do
	if "driver_${driver}"; then
		say driver.openssl-evp "${driver}"
		while IFS= read -r line; do
			say "${line%%=*}" "${line#*=}"
		done <facts
		if [ "${driver}" = c ]; then
			say fact.compiler "$("${compiler}" --version 2>/dev/null | sed -n 1p)"
			say fact.compiler_flags '-O2 -std=c99'
		fi
		exit 0
	fi
	whys="${whys:+${whys}; }${driver}: ${why}"
done
say skip.openssl-evp "${whys}"
