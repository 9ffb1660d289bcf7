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

## bootstrapped (what):
# Print yes where ${what} (COMPILER or LINKER) was built first, no where the host's served, ? where the log does not say.
bootstrapped() {
	_boot_line=$(grep "SYSTEM_$1: " "${log}" | sed -n 1p)
	case ${_boot_line} in
	*'Not bootstrapping'*) echo no ;;
	*ootstrapping*) echo yes ;;
	*) echo '?' ;;
	esac
}

case ${TT_ROW} in
world-full) compiler=yes linker=yes ;;
*) compiler=$(bootstrapped COMPILER) linker=$(bootstrapped LINKER) ;;
esac
native=
[ "${TT_PARAM_target}" != native ] || native=" on $(uname -p)"
say work_id "src $(sha256_in <src.txz) for ${TT_PARAM_target}${native}, compiler built: ${compiler}, linker built: ${linker}"
say digest "$(sha256_in <"${kernel}")"
say reported.world_s "$(sed -n 's/^>>> World built in \([0-9]*\) seconds.*/\1/p' "${log}" | tail -n 1)"
say reported.kernel_s "$(sed -n 's/^>>> Kernel(s) .* built in \([0-9]*\) seconds.*/\1/p' "${log}" | tail -n 1)"
read -r jobs <jobs.number
say reported.jobs "${jobs}"
