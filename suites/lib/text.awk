# Text that is the same everywhere: `awk -v bytes=N -v seed=S -f text.awk` prints lines of made-up words: N bytes and
# some more, of which callers take the first N.  A word's chance falls with its number, about as in a language, so that
# the text compresses about as well as real text.
#
# Numbers: Lehmer's generator with modulus 2^31 - 1 and multiplier 16807 (Park and Miller 1988); every product fits the
# 53 bits of an awk's number.
function next_number() {
	state = (state * 16807) % 2147483647
	return state
}

BEGIN {
	state = seed
	split("ba ce di fo gu ha ke li mo nu pa re si to vu wa xe yi zo qua stra plen", syllable, " ")
	for (i = 0; i < 4096; i++) {
		word[i] = ""
		for (n = 1 + next_number() % 4; n > 0; n--)
			word[i] = word[i] syllable[1 + next_number() % 22]
	}
	written = 0
	while (written < bytes) {
		line = word[int((next_number() % 4096) * (next_number() % 4096) / 4096)]
		for (n = 4 + next_number() % 12; n > 0; n--)
			line = line " " word[int((next_number() % 4096) * (next_number() % 4096) / 4096)]
		if (next_number() % 5 == 0)
			line = line " " next_number()
		print line
		written += length(line) + 1
	}
}
