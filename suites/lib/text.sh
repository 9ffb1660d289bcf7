# Sourced, after say.sh and digest.sh: text that is the same on every machine.
# shellcheck shell=sh

## text_to (file, bytes):
# Write ${bytes} bytes of text.awk's text into ${file}, unless it is there, and prove them by the digest that is known
# for them.  Ends the step where none is, or where they are other bytes.
text_to() {
	case $2 in
	1000000) _text_want=a2975c1c89c44a04ed7cab785c3f399cb3a059800b9f377d504b59f8c739b884 ;;
	16000000) _text_want=89e8133ed8109f362b96c72d09078d8f8e263e25c33ec0e695221b5b5557517d ;;
	64000000) _text_want=6357223e8a1779191a2bd962f13ef0dba42e1b09a4e40bd44daf32507d941b25 ;;
	*)
		echo "bytes: expected 1000000, 16000000 or 64000000, got \"$2\"" >&2
		exit 2
		;;
	esac
	# shellcheck disable=SC2034 # for the caller
	text_digest=${_text_want}
	if [ ! -f "$1" ]; then
		progress "making $2 bytes of text"
		awk -v bytes="$2" -v seed=1 -f "${TT_SUITE_DIR}/lib/text.awk" | head -c "$2" >"$1"
	fi
	[ "$(sha256_in <"$1")" = "${_text_want}" ] || die "$1: awk did not make the text whose digest is known: disk full?"
}
