# Sourced, after say.sh and digest.sh: debian-src's.
# shellcheck shell=sh

# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/debian-src/source.sh"
