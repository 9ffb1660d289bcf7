#!/bin/sh
#
# The timed step: unpack the source package and build its packages.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/watch.sh"

## build ():
# Unpack the source, and build its packages.
build() {
	dpkg-source -x "../source.${TT_ROW}/${dsc}" tree && cd tree && dpkg-buildpackage -b -uc -us
}

cd "${TT_WORK}/build" || die 'nothing was prepared'
read -r dsc <dsc.name
read -r jobs <../jobs.number
export "DEB_BUILD_OPTIONS=nocheck parallel=${jobs}"
watched '^ *dh_\|^dpkg-[a-z]*: ' build
