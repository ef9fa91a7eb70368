import type { CompletedVerb, Place } from './line.ts';

/** The script for fish. It starts no process. */
export const fishScript = (verbs: readonly CompletedVerb[]): string =>
  `${finding}${valued(verbs)}${placing}${completions(verbs)}`;

const finding = `# fish: pipeline completion fish | source
function __pipeline_project
    set -l directory $PWD
    while not test -d $directory/versions
        test -n "$directory"; or return 1
        set directory (string replace -r '/[^/]*$' '' -- $directory)
    end
    echo $directory
end

# The names of files, without directory and ending.
function __pipeline_names
    for file in $argv
        set -l name (string replace -r '^.*/' '' -- $file)
        test $name = schema.json; or string replace -r '\\.[^.]*$' '' -- $name
    end
end

function __pipeline_ids
    set -l project (__pipeline_project); or return
    set -l files $project/versions/*.json
    __pipeline_names $files
end

function __pipeline_own
    set -l project (__pipeline_project); or return
    set -l files $project/pipelines/*.ts $project/pipelines/*.js
    __pipeline_names $files
end

`;

const valued = (verbs: readonly CompletedVerb[]): string => `# The flags of a verb that a value follows.
function __pipeline_valued
    switch $argv[1]
${verbs
  .map(({ name, flags }) => ({ name, given: flags.filter(({ value }) => value).map((flag) => `--${flag.name}`) }))
  .filter(({ given }) => given.length > 0)
  .map(({ name, given }) => `        case ${name}\n            string split ' ' -- ${quoted(given.join(' '))}`)
  .join('\n')}
    end
end

`;

const placing = `# Whether the word at the cursor is the n-th of a verb, flags aside, counted from 0; or any of it, without n.
function __pipeline_at
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test $words[2] = $argv[1]; or return 1
    set -l valued (__pipeline_valued $argv[1])
    set -l place 0
    set -l skip 0
    for word in $words[3..]
        if test $skip = 1
            set skip 0
        else if test $word = --
            set place rest
            break
        else if contains -- $word $valued
            set skip 1
        else if not string match -q -- '-*' $word
            set place (math $place + 1)
        end
    end
    if set -q argv[2]
        test $place = $argv[2]
    else
        test $place != rest
    end
end

`;

const completions = (verbs: readonly CompletedVerb[]): string => `complete -c pipeline -f
complete -c pipeline -n 'test (count (commandline -opc)) = 1' -a '(__pipeline_own)' -d 'pipeline of the project'
complete -c pipeline -n 'test (count (commandline -opc)) = 1' -a help -d 'Say how a verb is used'
complete -c pipeline -n '__pipeline_at help 0' -a ${quoted(verbs.map(({ name }) => name).join(' '))}
complete -c pipeline -l help -d 'Say how it is used'
${verbs.flatMap(verbLines).join('\n')}
`;

const verbLines = ({ name, summary, places, flags, hasRest }: CompletedVerb): readonly string[] => [
  `complete -c pipeline -n 'test (count (commandline -opc)) = 1' -a ${name} -d ${quoted(summary)}`,
  ...places.flatMap((place, n) => {
    const given = offered(place);
    return given === undefined ? [] : [`complete -c pipeline -n '__pipeline_at ${name} ${n}' ${given}`];
  }),
  ...flags.map(
    (flag) =>
      `complete -c pipeline -n '__pipeline_at ${name}' -l ${flag.name}${flag.value ? ` -r ${offered(flag.value) ?? '-f'}` : ''} -d ${quoted(flag.about)}`,
  ),
  ...(hasRest ? [`complete -c pipeline -n '__pipeline_at ${name} rest' -F`] : []),
];

/** How fish is told what may stand somewhere; undefined where there is nothing to offer. */
function offered(place: Place): string | undefined {
  switch (place.of) {
    case 'choices':
      return `-f -a ${quoted(place.words.join(' '))}`;
    case 'ids':
      return `-f -a '(__pipeline_ids)'`;
    case 'ids-or-files':
      return `-F -a '(__pipeline_ids)'`;
    case 'files':
      return '-F';
    case 'directories':
      return `-f -a '(__fish_complete_directories)'`;
    case 'anything':
      return undefined;
  }
}

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
