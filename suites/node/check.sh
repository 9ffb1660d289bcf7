#!/bin/sh
#
# Did the trial do the work?  All runs of the kernel, the warm-up's included, must have given the one result whose digest
# is known, and tinybench must have timed as many as were asked for.  Those of the four hashes are what python3's hashlib
# gives for 1000 blocks (SHA-256 of the digest in hex); the others were the same by Node 20, and are integers and texts.
set -eu

case ${TT_ROW} in
md5) want=0f56edeea55b16f7c819f57e485dde759b2f4c0ece1864e828abd68a740d7783 ;;
sha1) want=a14eda07ab1feee62679b033a45f711c6d3b9054e7d1b1702bc7bef3254ebedf ;;
sha256) want=437ab175acfaf287c8e4510cd724972665ab882c82daecb8e1752881939f949d ;;
sha512) want=8fccc7db123160dc0eaec0c6b5cd9a0d98e3bb579739ffd5d10328c2b782faf2 ;;
json) want=1eef28677ea51d8fc1e8378744d6d4bef0191c82a8fa04a48b753e3065f09d05 ;;
sort) want=d24cc62a4f7ff08d1fbf9b34ed3d9b6ee145274ce7bcae7470d10368d397bcf8 ;;
regexp) want=87f01f952c606143a8e615d968aa363ce3aa98cf91196e2a3302110722bb1562 ;;
map-set) want=90408d6ad25b10ffd1b4bffeef0bc1429cf6af7b978c2823b4cd9a01b07f6878 ;;
typed-array) want=fd9f468ffbea40b2e5069334f6c643106aaf1a426b34d34f9b92687103ba4fd9 ;;
*)
	echo "node: row: there is no \"${TT_ROW}\"" >&2
	exit 1
	;;
esac

## wrong (text):
# Say ${text} and end the check: the work was not done.
wrong() {
	echo "node: ${TT_ROW}: $1" >&2
	exit 1
}

iterations=${TT_PARAM_iterations-50}
p50_s=
{
	read -r digest || wrong "no digest"
	[ "${digest}" = "Digest = ${want}" ] || wrong "digest: expected ${want}, got \"${digest}\""
	read -r runs || wrong "no line of runs"
	[ "${runs}" = "Runs = ${iterations} of $((iterations + (iterations + 4) / 5))" ] ||	\
	    wrong "runs: expected ${iterations} and the warm-up's, got \"${runs}\""
	read -r p50 || wrong "no line of p50"
	p50_s=${p50#P50 = }
	p50_s=${p50_s% seconds}
	case ${p50_s} in
	*[!0-9.]* | *.*.* | .* | *. | '') wrong "p50: expected seconds, got \"${p50}\"" ;;
	esac
	if read -r more || [ -n "${more}" ]; then
		wrong "expected no more, got \"${more}\""
	fi
} <"${TT_STEP_DIR}/out"

read -r version <"${TT_WORK}/node.version" || wrong "setup found no node"
echo "work_id=node-${version}"
echo "digest=${want}"
echo "reported.p50_s=${p50_s}"
