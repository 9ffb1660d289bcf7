# fish completion of timetrial: timetrial completion fish > ~/.config/fish/completions/timetrial.fish

# Nothing that timetrial prints is evaluated: fish takes it as text, and quotes it where it must.
function __timetrial_candidates
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found (command timetrial __complete $words[2..-1] "$current" 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c timetrial -f -a '(__timetrial_candidates)'
