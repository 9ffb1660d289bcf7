# Sourced, after say.sh: how many jobs a build runs at once.
# shellcheck shell=sh

## make_jobs (value, memory_mib):
# Set ${jobs}: what ${value} says; with "ncpu" the processors online, but no more than one for each ${memory_mib} MiB of
# memory there is.  Forks: for setup, which writes it down for run.
make_jobs() {
	jobs_of "$1"
	[ "$1" = ncpu ] || return 0
	_jobs_mib=$(memory_mib)
	# A machine shows some percent less memory than it is sold with.
	_jobs_most=$(((_jobs_mib + $2 / 4) / $2))
	[ "${_jobs_most}" -ge 1 ] || _jobs_most=1
	[ "${jobs}" -le "${_jobs_most}" ] || jobs=${_jobs_most}
}

## memory_mib ():
# Print the MiB of memory that the machine has.
memory_mib() {
	if [ -r /proc/meminfo ]; then
		echo $(($(sed -n 's/^MemTotal: *\([0-9]*\) kB$/\1/p' /proc/meminfo) / 1024))
	else
		echo $(($(sysctl -n hw.physmem) / 1048576))
	fi
}
