#!/bin/sh
#
# Did the trial do the work?  Both builds must say that they are complete, and there must be a kernel.  Which compiler
# and linker were built first is a large part of the work: rows pair only where that agrees.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done

cd "${TT_WORK}"
log=${TT_STEP_DIR}/out
grep -q '^>>> World build completed on ' "${log}" || die 'the log has no ">>> World build completed on"'
grep -q '^>>> Kernel build for GENERIC completed on ' "${log}" ||	\
    die 'the log has no ">>> Kernel build for GENERIC completed on"'
kernel=$(find obj -type f -path '*/sys/GENERIC/kernel' | sed -n 1p)
if [ -z "${kernel}" ] || [ ! -s "${kernel}" ]; then
	die 'there is no kernel below sys/GENERIC'
fi

## bootstrap (what):
# Print whether COMPILER or LINKER was built first, by the log.  Where the log does not say it, the work is unknown:
# it then counts as this machine's own and pairs with no other.
bootstrap() {
	_boot_line=$(sed -n "s/.*SYSTEM_$1: *//p" "${log}" | sed -n '1{s/  */ /g;p;}')
	printf '%s\n' "${_boot_line:-? (the log of $(uname -n) has no SYSTEM_$1)}"
}

compiler=$(bootstrap COMPILER)
linker=$(bootstrap LINKER)
case ${TT_ROW}/${compiler}/${linker} in
world-full/*'Not bootstrapping'*) die "the host's compiler or linker was used: ${compiler} ${linker}" ;;
esac
native=
[ "${TT_PARAM_target}" != native ] || native=" on $(uname -p)"
say work_id "src $(sha256_in <src.txz) for ${TT_PARAM_target}${native}; compiler: ${compiler}; linker: ${linker}"
say digest "$(sha256_in <"${kernel}")"
say reported.world_s "$(sed -n 's/^>>> World built in \([0-9]*\) seconds.*/\1/p' "${log}" | tail -n 1)"
say reported.kernel_s "$(sed -n 's/^>>> Kernel(s) .* built in \([0-9]*\) seconds.*/\1/p' "${log}" | tail -n 1)"
read -r jobs <jobs.number
say reported.jobs "${jobs}"
