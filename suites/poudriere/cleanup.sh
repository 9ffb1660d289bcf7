#!/bin/sh
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/own.sh"

cd "${TT_WORK}"
if [ -f etc/poudriere.conf ]; then
	own_poudriere ports -d -y -p bench >/dev/null 2>&1 || true
	own_poudriere jail -d -y -j bench >/dev/null 2>&1 || true
fi
chflags -R noschg data 2>/dev/null || true
rm -rf tree etc distfiles data ports.txz built packages pkg.log poudriere.log fetch.log
