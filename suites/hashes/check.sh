#!/bin/sh
#
# Did the trial do the work?  Every context must have printed the digest that is known for it, and there must be as many
# as were asked for.  The digests are those of one context of 100000 or 10000 blocks of 10000 bytes, block[i] = i mod
# 256; libmd, libcrypto and coreutils agree on the former, libcrypto and portable.c on the latter.
set -eu

contexts=0 blocks_each=0
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/work.sh"

case ${TT_ROW}/${blocks_each} in
md5/100000) want=766a2bb5d24bddae466c572bcabca3ee ;;
md5/10000) want=52e5f9c9e6f656f3e1800dfa5579d089 ;;
sha1/100000) want=02522491d7a8253fcab708560acfa84b2fb7ef1c ;;
sha1/10000) want=74a57b897cc581defa5b3a359fa762a1b83a60e8 ;;
sha256/100000) want=3f7daf2b36997b6eb269f63176e09fee8f6daa13202d87e020da63d262c6a4ca ;;
sha256/10000) want=7e287e4ab76f3f9cf4a7ac79e79ae63fa3e8fd832ca2262ee99a739cd5ee54c9 ;;
sha512/100000)
	want=65898ddd069bab932fca2bf7923dd28d074789d3617904e68e0017a6b7dfa2c6
	want=${want}54e673c5eab502dd6930b6aef5fe36e126698e73822e0092c25c489f456079a2
	;;
sha512/10000)
	want=d9254cd7fdececf9046fefcf6cf1d84b1637147f521f860f93a7b011a99d55ad
	want=${want}2b2cf7332e318430f031a7ccd04953e6c870b6a05f215d603f86718294a39ce1
	;;
*)
	echo "hashes: row: expected md5, sha1, sha256 or sha512, got \"${TT_ROW}\"" >&2
	exit 1
	;;
esac

## wrong (text):
# Say ${text} and end the check: the work was not done.
wrong() {
	echo "hashes: ${TT_ROW} (${TT_IMPL}): $1" >&2
	exit 1
}

## is_seconds (text):
# Is ${text} a plain decimal number with a fraction, as printf's %f writes it?
is_seconds() {
	case $1 in
	*[!0-9.]* | *.*.* | .* | *. | '') return 1 ;;
	*.*) return 0 ;;
	*) return 1 ;;
	esac
}

seen=0
user_s=
line=
while IFS= read -r line; do
	case ${TT_IMPL}:${line} in
	*:"Digest = ${want}")
		seen=$((seen + 1))
		;;
	*:"Digest = "*)
		wrong "digest: expected ${want}, got \"${line#Digest = }\""
		;;
	libmd-base:"Time = "*" seconds")
		[ -z "${user_s}" ] || wrong "two lines of Time"
		user_s=${line#Time = }
		user_s=${user_s% seconds}
		is_seconds "${user_s}" || wrong "time: expected seconds, got \"${user_s}\""
		;;
	libmd-base:"Speed = "* | libmd-base:*" time trial. Digesting 100000 10000-byte blocks ... done") ;;
	*)
		wrong "expected \"Digest = HEX\", got \"${line}\""
		;;
	esac
done <"${TT_STEP_DIR}/out"

# read takes a last line without its newline for the end of the file.
[ -z "${line}" ] || wrong "the output ends in the middle of a line: \"${line}\""
[ "${seen}" -eq "${contexts}" ] || wrong "expected ${contexts} digests, got ${seen}"
[ "${TT_IMPL}" != libmd-base ] || [ -n "${user_s}" ] || wrong "no line of Time"

echo "work_id=${contexts}x${blocks_each}x10000"
echo "digest=${want}"
[ -z "${user_s}" ] || echo "reported.user_s=${user_s}"
