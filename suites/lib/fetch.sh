# Sourced, after say.sh and digest.sh: files from the network, each known by its digest.
# shellcheck shell=sh

## fetched (file, digest, url, ...):
# Have ${file} in the working folder with SHA-256 ${digest}, from the first ${url} that gives it.  One that is there
# already and right is kept.  What has another digest is never used: it is kept aside, as ${file}.refused where that
# outlives the run, and named.  Sets ${why} and returns 1 where it cannot be had.
fetched() {
	_fetched_file=$1
	_fetched_digest=$2
	shift 2

	why=
	case ${_fetched_digest} in
	*[!0-9a-f]*) why="${_fetched_file}: \"${_fetched_digest}\" is no SHA-256" ;;
	esac
	[ "${#_fetched_digest}" -eq 64 ] || why="${_fetched_file}: \"${_fetched_digest}\" is no SHA-256"
	[ -z "${why}" ] || return 1
	if [ -f "${_fetched_file}" ] && [ "$(sha256_in <"${_fetched_file}")" = "${_fetched_digest}" ]; then
		return 0
	fi
	_fetched_refused=
	_fetched_count=0
	for _fetched_url in "$@"; do
		[ -n "${_fetched_url}" ] || continue
		fetch_one "${_fetched_url}" "${_fetched_file}.part" || continue
		_fetched_got=$(sha256_in <"${_fetched_file}.part") || _fetched_got='nothing that can be read'
		if [ "${_fetched_got}" = "${_fetched_digest}" ]; then
			mv -f "${_fetched_file}.part" "${_fetched_file}"
			return 0
		fi
		fetched_refuse
	done
	# A text is cut at 400 bytes: what was kept, and the digests, come before the addresses.
	why=${_fetched_refused}${_fetched_refused:+${why:+; }}${why}
	[ -n "${why}" ] || why="${_fetched_file}: no address to fetch it from"
	return 1
}

## fetched_refuse ():
# Keep aside what was fetched, and add to ${_fetched_refused} and ${why}.
fetched_refuse() {
	_fetched_count=$((_fetched_count + 1))
	kept=
	if [ "${_fetched_count}" -eq 1 ]; then
		kept_aside "${_fetched_file}.part" "${_fetched_file}.refused"
		_fetched_refused="kept as ${kept}: expected SHA-256 ${_fetched_digest}, got ${_fetched_got}"
	else
		kept_aside "${_fetched_file}.part" "${_fetched_file}.refused.${_fetched_count}"
		_fetched_refused="${_fetched_refused}; as ${kept##*/}: got ${_fetched_got}"
	fi
	why="${why:+${why}; }from ${_fetched_url}"
}

## fetch_one (url, file):
# Fetch ${url} into ${file}, saying how many bytes are there every ten seconds.  Adds to ${why} and returns 1 where that
# fails, with nothing left.
fetch_one() {
	rm -f "$2"
	if has curl; then
		set -- "$1" "$2" curl -fsSL --connect-timeout 20 -o "$2" -- "$1"
	elif has fetch; then
		set -- "$1" "$2" fetch -q -T 20 -o "$2" "$1"
	elif has wget; then
		set -- "$1" "$2" wget -q -T 20 -t 2 -O "$2" -- "$1"
	else
		why="${why:+${why}; }neither curl, fetch nor wget to get $1 with"
		return 1
	fi
	_one_url=$1
	_one_file=$2
	shift 2
	"$@" >fetch.log 2>&1 &
	_one_pid=$!
	_one_waited=0
	while kill -0 "${_one_pid}" 2>/dev/null; do
		[ $((_one_waited % 10)) -ne 9 ] || [ ! -f "${_one_file}" ] ||	\
		    progress "fetching ${_one_url##*/}: $(wc -c <"${_one_file}" | tr -d ' ') bytes"
		_one_waited=$((_one_waited + 1))
		sleep 1
	done
	_one_status=0
	wait "${_one_pid}" || _one_status=$?
	if [ "${_one_status}" -eq 0 ] && [ -f "${_one_file}" ]; then
		rm -f fetch.log
		return 0
	fi
	why="${why:+${why}; }cannot fetch ${_one_url}: $1 ended with ${_one_status}: $(tail -n 1 fetch.log)"
	rm -f "${_one_file}" fetch.log
	return 1
}
