#!/bin/sh
#
# Untimed: make the tree of files, prove it, and pack it, once for each kind of archive.
# shellcheck disable=SC2154 # parameters, and variables of what is sourced
set -eu

for part in say digest; do
	# shellcheck source=/dev/null
	. "${TT_SUITE_DIR}/lib/${part}.sh"
done
# shellcheck source=/dev/null
. "${TT_SUITE_DIR}/tree.sh"

## kind (impl, file, compressor, ...):
# Pack the tree into ${file} by the compressor, see that tar unpacks it, and say so; or say why not.
kind() {
	_kind_impl=$1
	_kind_file=$2
	shift 2
	if ! has "$1"; then
		say "skip.${_kind_impl}" "no $1"
		return 0
	fi
	tar -cf - -C tree . | "$@" >"${_kind_file}"
	rm -rf tried
	mkdir tried
	if tar -xf "${_kind_file}" -C tried >tar.log 2>&1 && [ "$(tree_digest tried)" = "${tree_want}" ]; then
		say "driver.${_kind_impl}" "${driver}"
		[ "$1" = cat ] || say "fact.$1_version" "$("$1" --version 2>/dev/null | sed -n 1p)"
	else
		say "skip.${_kind_impl}" "this tar does not unpack what $1 made: $(tail -n 1 tar.log)"
	fi
	rm -rf tried tar.log
}

cd "${TT_WORK}"
tree_known "${TT_PARAM_files-4000}"
if ! has tar; then
	for impl in tar tar.gz tar.xz; do
		say "skip.${impl}" 'no tar'
	done
	exit 0
fi
rm -rf tree
mkdir tree
progress "making ${TT_PARAM_files-4000} files"
(cd tree && tree_make "${TT_PARAM_files-4000}")
[ "$(tree_digest tree)" = "${tree_want}" ] || die 'awk did not make the files whose digest is known: disk full?'

version=$(tar --version 2>/dev/null | sed -n 1p)
case ${version} in
*"GNU tar"*) driver=gnu ;;
bsdtar*) driver=bsd ;;
*busybox*) driver=busybox ;;
*) driver=tar ;;
esac
say fact.tar_version "${version}"
kind tar tree.tar cat
kind tar.gz tree.tar.gz gzip -6
kind tar.xz tree.tar.xz xz -2
rm -rf tree
