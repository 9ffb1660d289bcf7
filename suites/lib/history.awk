# A repository's history for `git fast-import`, the same everywhere: `awk -v commits=N -v seed=S -f history.awk`, with
# lines of text.awk on standard input.  Each commit writes three of 997 files anew.
function next_number() {
	state = (state * 16807) % 2147483647
	return state
}

BEGIN {
	state = seed
	for (commit = 1; commit <= commits; commit++) {
		said = "commit number " commit "\n"
		print "commit refs/heads/main"
		print "committer Trial <trial@example.org> " (1600000000 + commit) " +0000"
		print "data " length(said)
		printf "%s", said
		for (change = 0; change < 3; change++) {
			text = ""
			for (lines = 4 + next_number() % 40; lines > 0; lines--) {
				if ((getline line) <= 0)
					exit 1
				text = text line "\n"
			}
			number = next_number() % 997
			printf "M 100644 inline d%02d/f%03d.txt\n", number % 31, number
			print "data " length(text)
			printf "%s\n", text
		}
	}
	print "done"
}
