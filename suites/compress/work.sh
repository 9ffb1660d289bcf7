# Sourced: what the rows do, each with the package that the system ships, on one thread.
# shellcheck shell=sh

## command_of (impl):
# Set ${command}: what setup found for ${impl}.  Forks nothing.
command_of() {
	if [ ! -f "${TT_WORK}/$1.command" ]; then
		echo "compress: setup found no $1" >&2
		exit 2
	fi
	read -r command <"${TT_WORK}/$1.command"
}

## pack (impl, file):
# Compress the text into ${file}.
pack() {
	command_of "$1"
	case $1 in
	zstd) "${command}" -q -f -T1 -10 -o "$2" text ;;
	xz) "${command}" -q -T1 -6 -k -c text >"$2" ;;
	7z) "${command}" a -t7z -m0=lzma2 -mx=5 -mmt=1 -bd -y "$2" text ;;
	esac
}

## unpack (impl, packed, file):
# Decompress ${packed} into ${file}.
unpack() {
	command_of "$1"
	case $1 in
	zstd) "${command}" -q -d -f -o "$3" "$2" ;;
	xz) "${command}" -q -T1 -d -k -c "$2" >"$3" ;;
	7z) "${command}" e -so -mmt=1 -bd -y "$2" >"$3" ;;
	esac
}

## times_of (row):
# Set ${times}: how often the row decompresses, so that a trial is not too short.  Forks nothing.
times_of() {
	# shellcheck disable=SC2034 # for the caller
	case $1 in
	zstd-d*) times=20 ;;
	*-d | *-d-all) times=2 ;;
	*) times=1 ;;
	esac
}
