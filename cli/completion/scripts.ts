/** The shells there is a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const

/** One of {@link SHELLS}. */
export type Shell = (typeof SHELLS)[number]

/*
 * Each script hands the line up to the cursor to `turnlog complete`, just as it is typed. That
 * prints a candidate a line, its description behind a tab, and last `:files`, `:directories` or
 * `:none`: what the shell is to offer beside. Bash puts in what it is given as it is, so it is
 * given what is still to be typed, quoted; zsh and fish are given words, which they quote
 * themselves. Nothing of what is typed or printed is evaluated: a run may have any name.
 */

const BASH = String.raw`# bash completion for turnlog
_turnlog() {
  local line paths=none
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) paths=${'$'}{line#:} ;;
      +*) COMPREPLY+=("$2${'$'}{line#+}") ;;
    esac
  done < <("$1" complete bash -- "${'$'}{COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  case $paths in
    files) compopt -o filenames 2>/dev/null
      mapfile -t -O "${'$'}{#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$2") ;;
    directories) compopt -o filenames 2>/dev/null
      mapfile -t -O "${'$'}{#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$2") ;;
  esac
}
complete -F _turnlog turnlog
`

const ZSH = String.raw`#compdef turnlog
# zsh completion for turnlog
_turnlog() {
  local line paths=none
  local -a candidates
  while IFS= read -r line; do
    case $line in
      :*) paths=${'$'}{line#:} ;;
      *) line=${'$'}{line//\\/\\\\}
        line=${'$'}{line//:/\\:}
        candidates+=("${'$'}{line/$'\t'/:}") ;;
    esac
  done < <("${'$'}{words[1]}" complete zsh -- "${'$'}{(j: :)words[1,CURRENT]}" 2>/dev/null)
  # The flag of --flag=value stays as it is.
  compset -P '--*='
  (( ${'$'}{#candidates} )) && _describe -V turnlog candidates
  case $paths in
    files) _files ;;
    directories) _files -/ ;;
  esac
}
if [ "${'$'}{funcstack[1]}" = _turnlog ]; then
  _turnlog "$@"
else
  compdef _turnlog turnlog
fi
`

const FISH = String.raw`# fish completion for turnlog
function __turnlog_candidates
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  # The flag of --flag=value stays as it is.
  set -l flag (string match -r -- '^--[^=]*=' "$current")
  set -l value (string replace -r -- '^--[^=]*=' '' "$current")
  for line in ($words[1] complete fish -- (commandline -pc | string collect) 2>/dev/null)
    switch $line
      case ':files'
        for path in (__fish_complete_path "$value")
          printf '%s%s\n' "$flag" $path
        end
      case ':directories'
        for path in (__fish_complete_directories "$value")
          printf '%s%s\n' "$flag" $path
        end
      case ':*'
      case '*'
        printf '%s%s\n' "$flag" $line
    end
  end
end
complete -c turnlog -e
complete -c turnlog -f -a '(__turnlog_candidates)'
`

/** What each shell is to read. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH }
