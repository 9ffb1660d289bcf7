#!/bin/sh
#
# The timed step: become the program that hashes.  What stands before the exec is timed too, so it forks nothing.
set -eu

contexts=0 blocks_each=0
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/work.sh"

case ${TT_ROW} in
md5 | sha1 | sha256 | sha512) ;;
*)
	echo "hashes: row: expected md5, sha1, sha256 or sha512, got \"${TT_ROW}\"" >&2
	exit 2
	;;
esac

## made (file):
# Is ${file} there, which setup makes for a driver that it chose?  Else end the step.
made() {
	if [ ! -f "$1" ]; then
		echo "hashes: driver: setup did not choose ${TT_DRIVER} for ${TT_IMPL}" >&2
		exit 2
	fi
}

case ${TT_IMPL}/${TT_DRIVER} in
openssl-evp/c)
	made "${TT_WORK}/evp"
	exec "${TT_WORK}/evp" "${TT_ROW}" "${contexts}" "${blocks_each}"
	;;
openssl-evp/python)
	made "${TT_WORK}/python.path"
	read -r python <"${TT_WORK}/python.path"
	exec "${python}" -I -S "${TT_SUITE_DIR}/evp.py" "${TT_ROW}" "${contexts}" "${blocks_each}"
	;;
openssl-evp/node)
	made "${TT_WORK}/node.path"
	read -r node <"${TT_WORK}/node.path"
	exec "${node}" "${TT_SUITE_DIR}/evp.mjs" "${TT_ROW}" "${contexts}" "${blocks_each}"
	;;
portable-c/c)
	made "${TT_WORK}/portable"
	exec "${TT_WORK}/portable" "${TT_ROW}" "${contexts}" "${blocks_each}"
	;;
libmd-base/md5-t)
	if [ "${contexts}/${blocks_each}" != 1/100000 ]; then
		echo "hashes: blocks: the base system's trial is 100000 blocks, not ${TT_PARAM_blocks-}" >&2
		exit 2
	fi
	exec "${TT_ROW}" -t
	;;
*)
	echo "hashes: no driver \"${TT_DRIVER}\" for ${TT_IMPL}" >&2
	exit 2
	;;
esac
