# Sourced: how many contexts the parameter `blocks` asks for, and of how many blocks each.  Sets ${contexts} and
# ${blocks_each}; exits with 2 where no digest is known for these blocks.  Forks nothing, since it runs in the timed
# span.
# shellcheck shell=sh disable=SC2034
blocks=${TT_PARAM_blocks-100000}
blocks_each=0
case ${blocks} in
'' | 0* | *[!0-9]* | ??????????*) ;;
*00000) blocks_each=100000 ;;
*0000) blocks_each=10000 ;;
esac
if [ "${blocks_each}" -eq 0 ]; then
	echo "hashes: blocks: expected a multiple of 10000, of at most nine digits, got \"${blocks}\"" >&2
	exit 2
fi
contexts=$((blocks / blocks_each))
