#!/bin/sh
#
# The timed step: as many trials of the suite hashes as there are processors, at the same time.
set -eu

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/say.sh"
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/lib/copies.sh"

jobs=
jobs_of "${TT_PARAM_copies-ncpu}"
TT_SUITE_DIR=${TT_SUITE_DIR}/hashes
TT_ROW=${TT_ROW%-all}
export TT_SUITE_DIR TT_ROW
copies "${jobs}" sh "${TT_SUITE_DIR}/run.sh"
