"""The completion scripts of bash, zsh and fish: each asks the program itself what to offer."""

from enum import StrEnum

_BASH = r"""# bash completion for dendrite, written by the program
_dendrite() {
    local program="${1/#\~\//$HOME/}" how="" current="" prefix="" value="" about=""
    type -P "$program" >/dev/null || program=dendrite
    COMPREPLY=()
    {
        IFS=$'\t' read -r how current || return 0
        # bash replaces what follows the last of its word breaks, such as : and =
        if [[ -n $current && $current == *"$2" ]]; then prefix="${current%"$2"}"; fi
        while IFS=$'\t' read -r value about; do
            value="${value#"$prefix"}"
            if [[ $value == */ ]]; then compopt -o nospace 2>/dev/null; fi
            if [[ ! $value =~ ^[A-Za-z0-9_@%+=:,./~-]*$ ]]; then value="$(printf %q "$value")"; fi
            COMPREPLY+=("$value")
        done
    } < <("$program" _complete line "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    if [[ $how == files || $how == dirs ]]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen "-${how:0:1}" -- "$2")
    fi
    compopt -o nosort 2>/dev/null
    return 0
}
complete -F _dendrite dendrite
"""
_ZSH = r"""#compdef dendrite
# zsh completion for dendrite, written by the program
_dendrite() {
    local how value about
    local -a lines offered
    local program="${(Q)words[1]/#\~\//$HOME/}"
    lines=("${(@f)$("$program" _complete words "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    how="${lines[1]%%$'\t'*}"
    shift lines
    case "$how" in
        files) compset -P '--*='; _files; return ;;
        dirs) compset -P '--*='; _files -/; return ;;
    esac
    local line
    for line in "${lines[@]}"; do
        [[ -n "$line" ]] || continue
        value="${line%%$'\t'*}" about="${line#*$'\t'}"
        offered+=("${value//:/\\:}${about:+:$about}")
    done
    (( $#offered )) || return 1
    if [[ "${lines[1]%%$'\t'*}" == */ ]]; then
        _describe -V dendrite offered -S ''
    else
        _describe -V dendrite offered
    fi
}
# autoloaded, this file is the function itself: the first Tab is answered, too
if [[ "${funcstack[1]}" == _dendrite ]]; then
    _dendrite "$@"
else
    compdef _dendrite dendrite
fi
"""
_FISH = r"""# fish completion for dendrite, written by the program
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
"""


class Shell(StrEnum):
    """A shell that completes."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


FILES = {Shell.BASH: "dendrite.bash", Shell.ZSH: "_dendrite", Shell.FISH: "dendrite.fish"}
"""What the script of a shell is called."""
SCRIPTS = {Shell.BASH: _BASH, Shell.ZSH: _ZSH, Shell.FISH: _FISH}
