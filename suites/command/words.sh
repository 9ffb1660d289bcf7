#!/bin/sh
#
# How a step becomes a command that the user wrote.  Sourced, by the agent too.  The words come from a file of the archive
# and are never read as code: a line that starts with + begins a word, one that starts with - is that word's next line.

## words_call (function, file):
# Call ${function} with the words of ${file}.  Forks nothing.
words_call() {
	_words_function=$1
	_words_file=$2
	_words_begun='' _words_word=''
	set --
	while IFS= read -r _words_line; do
		case ${_words_line} in
		+*)
			[ -z "${_words_begun}" ] || set -- "$@" "${_words_word}"
			_words_begun=1
			_words_word=${_words_line#+}
			;;
		*)
			_words_word="${_words_word}
${_words_line#-}"
			;;
		esac
	done <"${_words_file}"
	[ -z "${_words_begun}" ] || set -- "$@" "${_words_word}"
	"${_words_function}" "$@"
}

## words_become (file):
# Go to the folder that is the first word of ${file}, if it is not empty; become the command that the others are.
words_become() {
	words_call words_exec "${TT_SUITE_DIR}/$1"
}

## words_exec (folder, cmd, ...):
# Replace this shell by ${cmd}, run in ${folder}.
words_exec() {
	[ -z "$1" ] || cd "$1" || exit 1
	shift
	exec "$@"
}
