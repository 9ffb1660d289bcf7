#!/bin/sh
#
# The timed step: one command of the package manager, or what the article ran.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/manager.sh"

trap 'locked $? ""' EXIT
package=${TT_PARAM_package}
case ${TT_ROW}/${TT_IMPL} in
pkg-catalogue/pkg) own_pkg update -f ;;
pkg-catalogue/apt) apt_get -o "Dir::State::lists=${TT_WORK}/lists" update ;;
pkg-catalogue/dnf) own_dnf --refresh makecache ;;
pkg-fetch-git/*) fetched_only "${package}" ;;
pkg-install-git/pkg) own_pkg install -yU "${package}" ;;
pkg-install-git/apt) apt_get --no-download install "${package}" ;;
pkg-install-git/dnf) own_dnf -C install "${package}" ;;
pkg-install-git-fresh/pkg) own_pkg install -y "${package}" ;;
pkg-install-git-fresh/apt)
	apt_get update
	apt_get install "${package}"
	;;
pkg-install-git-fresh/dnf) own_dnf install "${package}" ;;
# Into folders of the trial's own, so that the machine's ports tree stays as it is: the work is the same.
portsnap-fetch-extract/portsnap)
	portsnap -d "${TT_WORK}/portsnap" -p "${TT_WORK}/ports" --interactive fetch extract
	;;
*) die "there is no such row by ${TT_IMPL}" ;;
esac
