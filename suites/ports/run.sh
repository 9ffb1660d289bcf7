#!/bin/sh
#
# The timed step: build and install the port and all that it depends on, one after another; each port's own make runs as
# many jobs as there are.
# shellcheck disable=SC2034 # parameters, and variables of what is sourced
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/watch.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/port.sh"

package='' origin=''
port_of "${TT_ROW}"
[ -f "${TT_WORK}/jobs.number" ] || die 'setup prepared nothing'
read -r jobs <"${TT_WORK}/jobs.number"
watched '^===> *Building for\|^===> *Installing for' port_make "MAKE_JOBS_NUMBER=${jobs}" install
