import type { CompletedVerb, Place } from './line.ts';

/** The script for bash (3.2, of macOS, or newer). It starts no process, and finds ids and pipelines of the project by itself. */
export const bashScript = (verbs: readonly CompletedVerb[]): string =>
  `${finding}${tables(verbs)}${completing}complete -F _pipeline pipeline\n`;

const finding = `# bash: source <(pipeline completion bash)
_pipeline_project() {
  REPLY=$PWD
  until [[ -d $REPLY/versions ]]; do
    [[ $REPLY ]] || return 1
    REPLY=\${REPLY%/*}
  done
}

# The names of files, without directory and ending. Only plain ones: compgen -W would run what is in others.
_pipeline_names() {
  local file
  for file; do
    file=\${file##*/}
    [[ $file == schema.json || \${file%.*} == *[!A-Za-z0-9._-]* ]] || printf '%s\\n' "\${file%.*}"
  done
}

_pipeline_take() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done
}

_pipeline_ids() {
  local REPLY
  _pipeline_project && _pipeline_names "$REPLY"/versions/*.json
}

_pipeline_own() {
  local REPLY
  _pipeline_project && _pipeline_names "$REPLY"/pipelines/*.ts "$REPLY"/pipelines/*.js
}

`;

const tables = (
  verbs: readonly CompletedVerb[],
): string => `_pipeline_verbs='${verbs.map(({ name }) => name).join(' ')}'

_pipeline_flags() {
  case $1 in
${cases(verbs.map(({ name, flags }) => [[name], ['help', ...flags.map((flag) => flag.name)].map((flag) => `--${flag}`).join(' ')]))}
    *) REPLY='--help --target --offline --dry-run --jobs --keep-going --verify --json' ;;
  esac
}

# What follows a flag: nothing, when it takes no value.
_pipeline_value() {
  case "$1 $2" in
${cases(grouped(verbs.flatMap(({ name, flags }) => flags.flatMap((flag) => (flag.value ? [[`${name} --${flag.name}`, spelled(flag.value)] as const] : [])))))}
    *) REPLY= ;;
  esac
}

# What stands at a place, counted from 0.
_pipeline_place() {
  case "$1 $2" in
${cases(grouped(verbs.flatMap(({ name, places }) => places.map((place, n) => [`${name} ${n}`, spelled(place)] as const))))}
    *) REPLY= ;;
  esac
}

`;

const completing = `_pipeline() {
  local IFS=$' \\t\\n' cur=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} verb=\${COMP_WORDS[1]}
  local word n place=0 flag= what= REPLY
  COMPREPLY=()
  # \`--flag=value\` is three words to bash.
  if [[ $cur == = ]]; then cur= flag=$before
  elif [[ $before == = ]]; then flag=\${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $before == -* ]]; then flag=$before
  fi
  if ((COMP_CWORD == 1)); then
    what="=$_pipeline_verbs help --help --version $(_pipeline_own)"
  elif [[ $verb == help ]]; then
    ((COMP_CWORD == 2)) && what="=$_pipeline_verbs"
  else
    for ((n = 2; n < COMP_CWORD; n++)); do
      word=\${COMP_WORDS[n]}
      case $word in
        --) what=files && break ;;
        =) ((n++)) ;;
        -*) _pipeline_value "$verb" "$word"; [[ $REPLY && \${COMP_WORDS[n + 1]} != = ]] && ((n++)) ;;
        *) ((place++)) ;;
      esac
    done
    if [[ ! $what ]]; then
      REPLY=
      [[ $flag ]] && _pipeline_value "$verb" "$flag"
      if [[ $REPLY ]]; then what=$REPLY
      elif [[ $cur == -* ]]; then _pipeline_flags "$verb"; what="=$REPLY"
      else _pipeline_place "$verb" "$place"; what=$REPLY
      fi
    fi
  fi
  case $what in
    =*) _pipeline_take < <(compgen -W "\${what#=}" -- "$cur") ;;
    ids*) _pipeline_take < <(compgen -W "$(_pipeline_ids)" -- "$cur") ;;
  esac
  case $what in
    *files) compopt -o filenames 2> /dev/null; _pipeline_take < <(compgen -f -- "$cur") ;;
    directories) compopt -o filenames 2> /dev/null; _pipeline_take < <(compgen -d -- "$cur") ;;
  esac
}

`;

/** A place in one word; choices begin with \`=\`. */
const spelled = (place: Place): string => (place.of === 'choices' ? `=${place.words.join(' ')}` : place.of);

/** What several have in common is one case. */
function grouped(rows: readonly (readonly [string, string])[]): readonly (readonly [readonly string[], string])[] {
  const patterns = new Map<string, readonly string[]>();
  for (const [pattern, what] of rows) patterns.set(what, [...(patterns.get(what) ?? []), pattern]);
  return [...patterns].map(([what, of]) => [of, what]);
}

const cases = (rows: readonly (readonly [readonly string[], string])[]): string =>
  rows.map(([patterns, what]) => `    ${patterns.map((one) => `'${one}'`).join('|')}) REPLY='${what}' ;;`).join('\n');
