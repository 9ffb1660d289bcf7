# Sourced, after say.sh: what the parameters mean to make.
# shellcheck shell=sh disable=SC2034,SC2154

## kernel_words ():
# Set ${words}, what each call of make gets; ${image}, what is built; ${tools}, the commands that builds, compiler first,
# linker last.  Ends the step where a parameter is none of these.  Forks nothing.
kernel_words() {
	case ${TT_PARAM_arch} in
	arm64) image=arch/arm64/boot/Image ;;
	x86_64) image=arch/x86/boot/bzImage ;;
	*)
		echo "arch: expected arm64 or x86_64, got \"${TT_PARAM_arch}\"" >&2
		exit 2
		;;
	esac
	case ${TT_PARAM_config} in
	defconfig | tinyconfig) ;;
	*)
		echo "config: expected defconfig or tinyconfig, got \"${TT_PARAM_config}\"" >&2
		exit 2
		;;
	esac
	case ${TT_PARAM_toolchain} in
	llvm) words="LLVM=1 ARCH=${TT_PARAM_arch}" tools='clang llvm-ar llvm-nm llvm-objcopy ld.lld' ;;
	gnu) words="ARCH=${TT_PARAM_arch}" tools='gcc ar nm objcopy ld' ;;
	*)
		echo "toolchain: expected llvm or gnu, got \"${TT_PARAM_toolchain}\"" >&2
		exit 2
		;;
	esac
	# Part of the kernel, for trying things out: a folder of objects instead of the image.
	case ${TT_PARAM_part} in
	'') goal=${image##*/} ;;
	*[!a-z0-9/_-]* | /* | *[!/])
		echo "part: expected nothing, or a folder such as init/, got \"${TT_PARAM_part}\"" >&2
		exit 2
		;;
	*) goal=${TT_PARAM_part} ;;
	esac
}
