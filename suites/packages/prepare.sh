#!/bin/sh
#
# Before each timed run: bring the machine into the state in which the row begins.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/manager.sh"

trap 'locked $? prepare.' EXIT
cd "${TT_WORK}"
package=${TT_PARAM_package}
rm -f before
case ${TT_ROW} in
pkg-catalogue)
	# apt's go into lists of the trial's own, so that there are none yet.
	rm -rf lists
	mkdir -p lists/partial
	;;
pkg-fetch-git)
	removed "${package}"
	cache_emptied
	;;
pkg-install-git)
	removed "${package}"
	fetched_only "${package}"
	;;
pkg-install-git-fresh)
	if is_installed "${package}"; then
		die "${package} is installed already: this row wants a machine that was just launched"
	fi
	;;
portsnap-fetch-extract)
	rm -rf ports portsnap
	mkdir portsnap
	exit 0
	;;
*) die 'there is no such row' ;;
esac >&2
installed >before
