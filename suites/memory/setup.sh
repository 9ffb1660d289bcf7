#!/bin/sh
#
# Untimed: make the program, and see that the arrays of one copy, and of all, fit into memory.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say compile; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done

## memory_mib ():
# Print the available memory in MiB; on FreeBSD three quarters of all memory.
memory_mib() {
	if [ -r /proc/meminfo ]; then
		sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo | {
			read -r _memory_kib && echo $((_memory_kib / 1024))
		}
	else
		_memory_bytes=$(sysctl -n hw.physmem 2>/dev/null) && echo $((_memory_bytes / 1398102))
	fi
}

## last_cache_kib ():
# Print the KiB of the first processor's largest cache; nothing where the kernel does not tell it.
last_cache_kib() {
	cat /sys/devices/system/cpu/cpu0/cache/index*/size 2>/dev/null | sed -n 's/^\([0-9][0-9]*\)K$/\1/p' | sort -n | tail -n 1
}

## impl (name, copies):
# Say that ${name} can run, or that so many copies do not fit.
impl() {
	_impl_wants=$((3 * TT_PARAM_mib * $2))
	if [ -n "${have}" ] && [ "${_impl_wants}" -gt "${have}" ]; then
		say "skip.$1" "$2 copies of three arrays of ${TT_PARAM_mib} MiB want ${_impl_wants} MiB of memory, ${have} are to be had"
	else
		say "driver.$1" c
	fi
}

whole mib "${TT_PARAM_mib}" 1 65536
whole rounds "${TT_PARAM_rounds}" 1 1000000
jobs=1
jobs_of ncpu
cd "${TT_WORK}"
compiler='' why=''
if ! compiled triad -O3 triad.c; then
	say skip.c "${why}"
	say skip.c-all "${why}"
	exit 0
fi
have=$(memory_mib) || have=
impl c 1
impl c-all "${jobs}"
say fact.compiler "$("${compiler}" --version 2>/dev/null | sed -n 1p)"
say fact.compiler_flags '-O3 -std=c99'
# Arrays that are no larger than that measure the cache: the check says how many times they are.
last_cache_kib >cache.kib
read -r kib <cache.kib || kib=
[ -z "${kib}" ] || say fact.last_level_cache "${kib} KiB, an array $((TT_PARAM_mib * 1024 / kib)) times as large (at least 4 are wanted)"
