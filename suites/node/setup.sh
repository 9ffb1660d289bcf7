#!/bin/sh
#
# Untimed: find the node of this machine, and see that it can run the trials.  Nothing is installed: where there is no
# node, there are no rows.
set -eu

## skip (reason):
# Say that no row can run here, and why, as the protocol wants it; that is no failure.
skip() {
	printf 'skip.node=%s\n' "$(printf '%s' "$1" | tr '\t\n' '  ' | tr -cd ' -~' | cut -c 1-300)"
	exit 0
}

cd "${TT_WORK}"
rm -f node.path node.version
command -v node >/dev/null 2>&1 || skip 'no node on this machine'

# The program itself: what is on PATH may be a script that looks for it.
node=$(node -p process.execPath 2>/dev/null) || skip 'node does not run'
version=$("${node}" -p process.versions.node 2>/dev/null) || skip 'node does not run'
case ${version} in
'' | *[!0-9A-Za-z.-]*) skip 'node does not tell its version' ;;
esac
said=$("${node}" "${TT_SUITE_DIR}/trial.mjs" sha256 1 2>&1) ||	\
    skip "node ${version} does not run the trials (20 or later does): ${said}"

printf '%s\n' "${node}" >node.path
printf '%s\n' "${version}" >node.version
echo "driver.node=tinybench"
echo "work_id=node-${version}"
"${node}" "${TT_SUITE_DIR}/facts.mjs"
