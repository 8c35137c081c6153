# bash completion for dendrite, written by the program
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
