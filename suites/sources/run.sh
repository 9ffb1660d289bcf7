#!/bin/sh
#
# The timed step.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/git.sh"

## forks (number):
# Start /bin/true (FreeBSD: /usr/bin/true) so often, one after another.
forks() {
	_forks_true=/bin/true
	[ -x "${_forks_true}" ] || _forks_true=/usr/bin/true
	_forks_n=0
	while [ "${_forks_n}" -lt "$1" ]; do
		"${_forks_true}"
		_forks_n=$((_forks_n + 1))
	done
	echo "Forks = ${_forks_n}"
}

cd "${TT_WORK}"
jobs=
case ${TT_ROW} in
git-clone-src)
	jobs_of "${TT_PARAM_threads}"
	git_own -c "pack.threads=${jobs}" clone -q --single-branch -b "${TT_PARAM_git_branch}" "${TT_PARAM_git_url}" made
	;;
git-clone-local)
	jobs_of "${TT_PARAM_threads}"
	git_own -c "pack.threads=${jobs}" clone -q history.bundle made
	;;
tar-src | tar-ports) exec tar -xf "${TT_ROW#tar-}.txz" -C made ;;
forks)
	whole forks "${TT_PARAM_forks}" 1 1000000
	forks "${TT_PARAM_forks}"
	;;
*) die 'there is no such row' ;;
esac
