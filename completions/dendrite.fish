# fish completion for dendrite, written by the program
function __dendrite_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~(?=/)' $HOME -- $words[1])
    type -q -- $program; or set program dendrite
    set -l lines ($program _complete words $words[2..-1] "$current" 2>/dev/null)
    set -l how (string split -m1 \t -- $lines[1])[1]
    switch "$how"
        case files dirs
            set -l prefix (string match -r '^--[^=]*=' -- "$current")
            set -l path (string replace -r '^--[^=]*=' '' -- "$current")
            if test "$how" = dirs
                printf "$prefix%s\n" (__fish_complete_directories "$path")
            else
                printf "$prefix%s\n" (__fish_complete_path "$path")
            end
        case plain
            printf '%s\n' $lines[2..-1]
    end
end
complete -c dendrite -f -k -a '(__dendrite_complete)'
