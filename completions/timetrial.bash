# bash completion of timetrial: in ~/.bashrc, eval "$(timetrial completion bash)"

# Nothing that timetrial prints is evaluated: it is compared as text, and holds no character that a shell interprets.
_timetrial() {
	local rest=${COMP_LINE:0:COMP_POINT} before word words=() i=0 last value tail break
	# Bash cuts words at = and : too. Pieces without a blank between them are one word.
	while [ "$i" -le "$COMP_CWORD" ]; do
		before=$rest
		rest=${rest#"${rest%%[![:space:]]*}"}
		word=${COMP_WORDS[i]}
		[ "$i" -lt "$COMP_CWORD" ] || word=$rest
		last=$((${#words[@]} - 1))
		if [ "$last" -ge 0 ] && [ "$before" = "$rest" ]; then
			words[last]+=$word
		else
			words+=("$word")
		fi
		rest=${rest#"$word"}
		i=$((i + 1))
	done
	word=${words[${#words[@]} - 1]}
	# Bash replaces what stands behind the last of its own breaks only.
	tail=$word
	for break in = : @; do
		case $COMP_WORDBREAKS in
		*"$break"*) tail=${tail##*"$break"} ;;
		esac
	done
	before=${word%"$tail"}
	COMPREPLY=()
	while IFS=$'\t' read -r value _; do
		case $value in
		"$word"*) COMPREPLY+=("${value#"$before"}") ;;
		esac
	done < <(command timetrial __complete "${words[@]:1}" 2>/dev/null)
	# More follows a value that ends in one of these. The bash of macOS has no compopt.
	case ${#COMPREPLY[@]}${COMPREPLY[0]-} in
	1*[=:/]) compopt -o nospace 2>/dev/null ;;
	esac
}
complete -o bashdefault -o default -F _timetrial timetrial
