# Sourced, after say.sh: for which machines the world is built.
# shellcheck shell=sh disable=SC2034

## target_of (value):
# Set ${target} to the words that make gets for "native", or for "arm64/aarch64" and the like.  Forks nothing.
target_of() {
	case $1 in
	native) target= ;;
	*[!a-z0-9/_]* | */*/* | /* | */)
		echo "target: expected native or such as arm64/aarch64, got \"$1\"" >&2
		exit 2
		;;
	*/*) target="TARGET=${1%/*} TARGET_ARCH=${1#*/}" ;;
	*)
		echo "target: expected native or such as arm64/aarch64, got \"$1\"" >&2
		exit 2
		;;
	esac
}
