import type { CompletedFlag, CompletedVerb, Place } from './line.ts';

/** The script for zsh, to be sourced after `compinit` or kept as `_pipeline` in a directory of `fpath`. It starts no process. */
export const zshScript = (verbs: readonly CompletedVerb[]): string => `#compdef pipeline
# zsh: source <(pipeline completion zsh)
_pipeline_project() {
  REPLY=$PWD
  until [[ -d $REPLY/versions ]]; do
    [[ -n $REPLY ]] || return 1
    REPLY=\${REPLY%/*}
  done
}

_pipeline_ids() {
  local REPLY
  local -a ids
  _pipeline_project || return 1
  ids=($REPLY/versions/*.json(N:t:r))
  compadd "$@" -- \${ids:#schema}
}

_pipeline_ids_or_files() {
  _pipeline_ids "$@"
  _files
}

_pipeline_verbs() {
  local REPLY
  local -a known own
  known=(
${verbs.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join('\n')}
    'help:Say how a verb is used'
  )
  _pipeline_project && own=($REPLY/pipelines/*.(ts|js)(N:t:r))
  _describe -t verbs verb known
  (($#own)) && _describe -t pipelines 'pipeline of the project' own
}

_pipeline() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C '1: :_pipeline_verbs' '*:: :->words' && return
  case $words[1] in
${verbs.map(verbCase).join('\n')}
    help) _arguments '1: :_pipeline_verbs' ;;
    *) _arguments '--help' '--target=[the directory]:DIR:_path_files -/' '--offline' '--dry-run' '--jobs=:N:' '--keep-going' '--verify' '--json' ;;
  esac
}

if [[ $funcstack[1] == _pipeline ]]; then _pipeline "$@"; else compdef _pipeline pipeline; fi
`;

function verbCase({ name, places, flags, hasRest }: CompletedVerb): string {
  const specs = [
    ...flags.map(flagSpec),
    '--help[say how it is used]',
    ...places.map((place, n) => `${n + 1}:word:${action(place)}`),
    ...(hasRest ? ['*:argument:_files'] : []),
  ];
  // -S: what follows \`--\` are no flags of ours.
  return `    ${name}) _arguments -S ${specs.map(quoted).join(' ')} ;;`;
}

function flagSpec({ name, about, value, repeats }: CompletedFlag): string {
  const told = about.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
  const flag = `${repeats ? '*' : ''}--${name}`;
  return value === undefined ? `${flag}[${told}]` : `${flag}=[${told}]:value:${action(value)}`;
}

function action(place: Place): string {
  switch (place.of) {
    case 'choices':
      return `(${place.words.join(' ')})`;
    case 'ids':
      return '_pipeline_ids';
    case 'ids-or-files':
      return '_pipeline_ids_or_files';
    case 'files':
      return '_files';
    case 'directories':
      return '_path_files -/';
    case 'anything':
      return ' ';
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
