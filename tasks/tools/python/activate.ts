/** `bin/activate` for sh, bash, zsh and ksh: finds its own place, so the environment may be moved. */
const activate = `# Read by a shell: . bin/activate
_activate_file=
if [ -n "\${BASH_SOURCE:-}" ]; then
  _activate_file="$BASH_SOURCE"
elif [ -n "\${ZSH_VERSION:-}" ]; then
  eval '_activate_file="\${(%):-%x}"'
elif [ -n "\${KSH_VERSION:-}" ]; then
  eval '_activate_file="\${.sh.file}"'
else
  # A plain sh does not tell which file it reads, but it has that file open.
  for _activate_open in /proc/$$/fd/*; do
    case "$(readlink "$_activate_open")" in
      */bin/activate) _activate_file="$(readlink "$_activate_open")" ;;
    esac
  done
  unset _activate_open
fi

deactivate() {
  if [ -n "\${_OLD_VIRTUAL_PATH:-}" ]; then
    PATH="$_OLD_VIRTUAL_PATH"
    export PATH
    unset _OLD_VIRTUAL_PATH
  fi
  if [ -n "\${_OLD_VIRTUAL_PYTHONHOME:-}" ]; then
    PYTHONHOME="$_OLD_VIRTUAL_PYTHONHOME"
    export PYTHONHOME
    unset _OLD_VIRTUAL_PYTHONHOME
  fi
  if [ -n "\${_OLD_VIRTUAL_PS1+set}" ]; then
    PS1="$_OLD_VIRTUAL_PS1"
    unset _OLD_VIRTUAL_PS1
  fi
  unset VIRTUAL_ENV VIRTUAL_ENV_PROMPT
  [ "\${1:-}" = keep ] || unset -f deactivate
  hash -r 2>/dev/null || true
}

if [ -z "$_activate_file" ]; then
  unset -f deactivate
  echo 'activate: this shell does not tell where this file is; use bash, or put the bin directory first in PATH' >&2
else
  deactivate keep
  VIRTUAL_ENV="$(cd -- "$(dirname -- "$_activate_file")/.." >/dev/null && pwd)"
  VIRTUAL_ENV_PROMPT="\${VIRTUAL_ENV##*/}"
  export VIRTUAL_ENV VIRTUAL_ENV_PROMPT
  _OLD_VIRTUAL_PATH="$PATH"
  PATH="$VIRTUAL_ENV/bin:$PATH"
  export PATH
  if [ -n "\${PYTHONHOME:-}" ]; then
    _OLD_VIRTUAL_PYTHONHOME="$PYTHONHOME"
    unset PYTHONHOME
  fi
  if [ -z "\${VIRTUAL_ENV_DISABLE_PROMPT:-}" ]; then
    _OLD_VIRTUAL_PS1="\${PS1:-}"
    PS1="($VIRTUAL_ENV_PROMPT) \${PS1:-}"
  fi
  hash -r 2>/dev/null || true
fi
unset _activate_file
`;

const fish = `# Read by fish: source bin/activate.fish
function deactivate
    set -q _OLD_VIRTUAL_PATH; and set -gx PATH $_OLD_VIRTUAL_PATH; and set -e _OLD_VIRTUAL_PATH
    set -q _OLD_VIRTUAL_PYTHONHOME; and set -gx PYTHONHOME $_OLD_VIRTUAL_PYTHONHOME; and set -e _OLD_VIRTUAL_PYTHONHOME
    if functions -q _old_fish_prompt
        functions -e fish_prompt
        functions -c _old_fish_prompt fish_prompt
        functions -e _old_fish_prompt
    end
    set -e VIRTUAL_ENV
    set -e VIRTUAL_ENV_PROMPT
    test "$argv[1]" = keep; or functions -e deactivate
end

deactivate keep
set -gx VIRTUAL_ENV (realpath (dirname (status filename))/..)
set -gx VIRTUAL_ENV_PROMPT (basename $VIRTUAL_ENV)
set -gx _OLD_VIRTUAL_PATH $PATH
set -gx PATH $VIRTUAL_ENV/bin $PATH
if set -q PYTHONHOME
    set -gx _OLD_VIRTUAL_PYTHONHOME $PYTHONHOME
    set -e PYTHONHOME
end
if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and functions -q fish_prompt
    functions -c fish_prompt _old_fish_prompt
    function fish_prompt
        printf '(%s) ' $VIRTUAL_ENV_PROMPT
        _old_fish_prompt
    end
end
`;

const csh = `# Read by csh: source bin/activate.csh
alias deactivate 'test $?_OLD_VIRTUAL_PATH = 0 || setenv PATH "$_OLD_VIRTUAL_PATH"; test $?_OLD_VIRTUAL_PROMPT = 0 || set prompt = "$_OLD_VIRTUAL_PROMPT"; unset _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PROMPT; unsetenv VIRTUAL_ENV; unsetenv VIRTUAL_ENV_PROMPT; rehash'
deactivate

# csh does not tell which file it reads, but it has that file open.
set _activate_place = "\`ls -l /proc/$$/fd | sed -n 's|.* -> \\(.*\\)/bin/activate.csh"\\$"|\\1|p'\`"
if ("$_activate_place" == "") then
    echo 'activate.csh: this shell does not tell where this file is; put the bin directory first in PATH'
else
    setenv VIRTUAL_ENV "$_activate_place"
    setenv VIRTUAL_ENV_PROMPT "$VIRTUAL_ENV:t"
    set _OLD_VIRTUAL_PATH = "$PATH"
    setenv PATH "$VIRTUAL_ENV/bin:$PATH"
    if ($?prompt && ! $?VIRTUAL_ENV_DISABLE_PROMPT) then
        set _OLD_VIRTUAL_PROMPT = "$prompt"
        set prompt = "($VIRTUAL_ENV_PROMPT) $prompt"
    endif
    rehash
endif
unset _activate_place
`;

/** What a person sources to use a virtual environment, by file name below `bin`. No text holds a path. */
export const activations: Readonly<Record<string, string>> = {
  activate,
  'activate.csh': csh,
  'activate.fish': fish,
};
