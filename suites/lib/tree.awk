# Text on standard input to `files` files, below folders d00 to d63 that are there: `awk -v files=N -v seed=S -f tree.awk`.
# Lehmer's generator, as in text.awk.
function next_number() {
	state = (state * 16807) % 2147483647
	return state
}

function next_file() {
	if (count > 0)
		close(file)
	if (count == files)
		exit
	file = sprintf("d%02d/f%05d.txt", next_number() % 64, count)
	# Most files are small, a few are forty times as large.
	lines = 5 + next_number() % 60
	if (next_number() % 16 == 0)
		lines = lines * 20
	count++
}

BEGIN {
	state = seed
	next_file()
}

{
	print > file
	if (--lines == 0)
		next_file()
}
