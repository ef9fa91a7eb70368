/** One flag of a verb. `takes` says what follows it; `value` is how help names that. */
export type Flag =
  | { readonly takes: 'nothing'; readonly about: string }
  | { readonly takes: 'text'; readonly value: string; readonly about: string }
  | {
      readonly takes: 'number';
      readonly value: string;
      readonly least: number;
      readonly most: number;
      readonly about: string;
    }
  | { readonly takes: 'choice'; readonly value: string; readonly choices: readonly string[]; readonly about: string }
  /** One word each time; may be repeated. */
  | { readonly takes: 'texts'; readonly value: string; readonly about: string }
  /** Any number of words, also none; may be repeated. */
  | { readonly takes: 'names'; readonly value: string; readonly about: string };

/** One thing `pipeline` can be told to do. Parsing, `--help` and suggestions all read this. */
export interface Verb {
  readonly summary: string;
  /** How usage names the positionals, and how many there may be. */
  readonly positionals: { readonly usage: string; readonly least: number; readonly most: number };
  /** What may come after `--`, where anything may. */
  readonly rest?: string;
  /** It realizes a version first. The flags for that are told by the help of `realize`. */
  readonly realizes?: true;
  readonly flags: Readonly<Record<string, Flag>>;
  readonly example: string;
}

/** The flags of every verb that realizes a version, whatever it does then. */
export const realizing = {
  'version-id': { takes: 'text', value: 'ID', about: 'the same as <id>' },
  spec: { takes: 'text', value: 'FILE', about: 'a version from this file instead of versions/<id>.json' },
  lock: { takes: 'text', value: 'FILE', about: 'this lockfile instead of lockfiles/<id>.lock.json' },
  target: { takes: 'text', value: 'DIR', about: 'where to make it' },
  'models-dir': { takes: 'text', value: 'DIR', about: 'where models are kept, shared by all versions' },
  'wheels-dir': { takes: 'text', value: 'DIR', about: 'a directory of wheels to look into first' },
  offline: { takes: 'nothing', about: 'use no network; what is not in the cache is a failure' },
  'skip-models': { takes: 'nothing', about: 'leave the models out' },
  torch: { takes: 'text', value: 'BUILD', about: 'which build of torch, where the lockfile has several' },
  frozen: { takes: 'nothing', about: 'never write the lockfile (the default when CI=true)' },
  jobs: { takes: 'number', value: 'N', least: 1, most: 256, about: 'at most N steps at once' },
  verify: { takes: 'nothing', about: 'read every byte again instead of trusting fingerprints' },
  'link-mode': {
    takes: 'choice',
    value: 'MODE',
    choices: ['auto', 'reflink', 'hardlink', 'copy'],
    about: 'how to place files',
  },
  installer: { takes: 'choice', value: 'NAME', choices: ['pipeline', 'uv', 'pip'], about: 'who unpacks wheels' },
  json: { takes: 'nothing', about: 'one event per line on stdout, nothing else' },
  debug: { takes: 'nothing', about: 'show more, for a bug report' },
} as const satisfies Verb['flags'];

/** Every verb, in the order of `--help`. */
export const verbs = {
  realize: {
    summary: 'Make a working ComfyUI directory, exactly as the lockfile says',
    // None when the version is named by a flag.
    positionals: { usage: '<id>', least: 0, most: 1 },
    flags: {
      ...realizing,
      'dry-run': { takes: 'nothing', about: 'show what would run and be fetched, change nothing' },
      'keep-going': { takes: 'nothing', about: 'after a failure, run what does not depend on it' },
    },
    example: 'pipeline realize demo --target /workspace/comfy-demo',
  },
  validate: {
    summary: 'Resolve a version: check it, pin everything, write its lockfile',
    positionals: { usage: '<id>', least: 1, most: 1 },
    flags: {
      offline: { takes: 'nothing', about: 'use no network; only what is pinned already' },
      update: { takes: 'names', value: 'name...', about: 'resolve these again (without names: everything)' },
      json: { takes: 'nothing', about: 'one event per line on stdout, nothing else' },
    },
    example: 'pipeline validate demo --update comfyui-kjnodes',
  },
  create: {
    summary: 'Write a version: from flags, or from what there is already',
    positionals: { usage: '<id>', least: 1, most: 1 },
    flags: {
      from: {
        takes: 'text',
        value: 'PATH',
        about: 'a ComfyUI directory, snapshot, workflow, or list of nodes',
      },
      repo: { takes: 'text', value: 'URL[@REF]', about: 'the repository of ComfyUI' },
      nodes: { takes: 'texts', value: 'X', about: 'URL@REF, ID@VERSION, JSON, or a list file (repeatable)' },
      models: { takes: 'texts', value: 'X', about: 'JSON, or a list file (repeatable)' },
      'nodes-file': { takes: 'text', value: 'FILE', about: 'a .json or .yml file with a list of nodes' },
      'models-file': { takes: 'text', value: 'FILE', about: 'a .json or .yml file with a list of models' },
      'models-root': { takes: 'text', value: 'DIR', about: 'where --auto-checksum looks for models' },
      'auto-checksum': { takes: 'nothing', about: 'hash the models that are below --models-root' },
      'no-hash': { takes: 'nothing', about: 'only list the models of a ComfyUI directory' },
      output: { takes: 'text', value: 'FILE', about: 'write it here instead of versions/<id>.json' },
      force: { takes: 'nothing', about: 'replace the version that is there' },
      offline: { takes: 'nothing', about: 'do not ask the registry whose the nodes are' },
      json: { takes: 'nothing', about: 'the report as one JSON document on stdout' },
    },
    example: 'pipeline create mine --from ~/ComfyUI',
  },
  export: {
    summary: 'Write what a lockfile pins as another tool reads it',
    positionals: { usage: '<id>', least: 1, most: 1 },
    flags: {
      to: { takes: 'choice', value: 'FORMAT', choices: ['snapshot'], about: 'the format, of ComfyUI-Manager' },
      output: { takes: 'text', value: 'FILE', about: 'write it here instead of to stdout' },
      force: { takes: 'nothing', about: 'replace the file that is there' },
    },
    example: 'pipeline export demo --to snapshot --output snapshot.json',
  },
  clone: {
    summary: 'Copy a version under another id, with its pins',
    positionals: { usage: '<id> <new id>', least: 2, most: 2 },
    flags: {
      force: { takes: 'nothing', about: 'overwrite the version that has the new id' },
    },
    example: 'pipeline clone demo my-demo',
  },
  delete: {
    summary: 'Delete what was realized, and nothing else; say what stays',
    positionals: { usage: '<id>', least: 1, most: 1 },
    flags: {
      target: { takes: 'text', value: 'DIR', about: 'the target that is meant' },
      'remove-spec': { takes: 'nothing', about: 'delete versions/<id>.json and its lockfile too' },
      yes: { takes: 'nothing', about: 'do not ask first' },
    },
    example: 'pipeline delete demo --target /workspace/comfy-demo --yes',
  },
  pack: {
    summary: 'Write all that a version needs into one file',
    positionals: { usage: '<id>', least: 1, most: 1 },
    flags: {
      output: { takes: 'text', value: 'FILE', about: 'write it here instead of <id>.pack.tar' },
      offline: { takes: 'nothing', about: 'use no network; what is not in the cache is a failure' },
      'skip-models': { takes: 'nothing', about: 'leave the models out' },
      json: { takes: 'nothing', about: 'one event per line on stdout, nothing else' },
    },
    example: 'pipeline pack demo --output /mnt/stick/demo.pack.tar',
  },
  unpack: {
    summary: 'Fill the cache and the project from a packed file',
    positionals: { usage: '<file>', least: 1, most: 1 },
    flags: {
      force: { takes: 'nothing', about: 'replace documents of the same names' },
      json: { takes: 'nothing', about: 'one event per line on stdout, nothing else' },
    },
    example: 'pipeline unpack /mnt/stick/demo.pack.tar',
  },
  'run-ui': {
    summary: 'Realize a version, then run ComfyUI in it',
    positionals: { usage: '<id>', least: 0, most: 1 },
    rest: 'arguments of main.py',
    realizes: true,
    flags: {
      host: { takes: 'text', value: 'HOST', about: 'where to listen (127.0.0.1); 0.0.0.0 is everywhere' },
      port: { takes: 'number', value: 'N', least: 1, most: 65_535, about: 'the port to listen on (8188)' },
      'no-realize': { takes: 'nothing', about: 'run what is there' },
      'extra-args': { takes: 'nothing', about: 'may stand before --' },
      ...realizing,
    },
    example: 'pipeline run-ui demo --port 9000 -- --cpu',
  },
  'run-handler': {
    summary: 'Realize a version, run workflows in it, print what they make',
    positionals: { usage: '<id>', least: 0, most: 1 },
    rest: 'arguments of main.py',
    realizes: true,
    flags: {
      workflow: { takes: 'texts', value: 'FILE', about: 'run this; may be repeated' },
      'input-image': { takes: 'texts', value: 'NAME=URL', about: 'the picture NAME of the workflow; may be repeated' },
      timeout: { takes: 'number', value: 'S', least: 1, most: 999_999, about: 'give a workflow up after S seconds' },
      'keep-warm': { takes: 'nothing', about: 'then run the files that stdin names, one a line' },
      output: {
        takes: 'choice',
        value: 'HOW',
        choices: ['base64', 'files', 'gcs'],
        about: 'how results are given',
      },
      'out-file': { takes: 'text', value: 'FILE', about: 'write the document here, not to stdout' },
      'out-dir': { takes: 'text', value: 'DIR', about: 'where --output files puts them' },
      'gcs-bucket': { takes: 'text', value: 'NAME', about: 'the bucket of --output gcs (or $GCS_BUCKET)' },
      'gcs-prefix': { takes: 'text', value: 'PATH', about: 'before the names in it (or $GCS_PREFIX)' },
      'gcs-signed-url': {
        takes: 'number',
        value: 'S',
        least: 1,
        most: 604_800,
        about: 'links that need no login for S seconds',
      },
      'no-realize': { takes: 'nothing', about: 'run what is there' },
      'extra-args': { takes: 'nothing', about: 'may stand before --' },
      ...realizing,
      json: { takes: 'nothing', about: 'one event per line on stderr' },
    },
    example: 'pipeline run-handler demo --workflow hello.json --out-dir pictures',
  },
  status: {
    summary: 'Say what is realized here, and what of it has changed since',
    positionals: { usage: '[<id>]', least: 0, most: 1 },
    flags: {
      target: { takes: 'text', value: 'DIR', about: 'the target that is meant' },
      json: { takes: 'nothing', about: 'one JSON document on stdout' },
    },
    example: 'pipeline status demo',
  },
  verify: {
    summary: 'Read every file of a target, and all of the store behind it',
    positionals: { usage: '<id>', least: 1, most: 1 },
    flags: {
      target: { takes: 'text', value: 'DIR', about: 'the target that is meant' },
      json: { takes: 'nothing', about: 'one JSON document on stdout' },
    },
    example: 'pipeline verify demo',
  },
  repair: {
    summary: 'Put right what is wrong in a target, and nothing else',
    positionals: { usage: '<id>', least: 1, most: 1 },
    flags: {
      target: realizing.target,
      'models-dir': realizing['models-dir'],
      'wheels-dir': realizing['wheels-dir'],
      verify: realizing.verify,
      offline: realizing.offline,
      jobs: realizing.jobs,
      installer: realizing.installer,
      'link-mode': realizing['link-mode'],
      json: { takes: 'nothing', about: 'one event per line on stdout, nothing else' },
    },
    example: 'pipeline repair demo --verify',
  },
  history: {
    summary: 'List what a target was made by, and what changed each time',
    positionals: { usage: '<id>', least: 1, most: 1 },
    flags: {
      target: { takes: 'text', value: 'DIR', about: 'the target that is meant' },
      json: { takes: 'nothing', about: 'one JSON document on stdout' },
    },
    example: 'pipeline history demo',
  },
  rollback: {
    summary: 'Make a target what it was before, without network',
    positionals: { usage: '<id> [<n>]', least: 1, most: 2 },
    flags: {
      target: realizing.target,
      'models-dir': realizing['models-dir'],
      save: { takes: 'nothing', about: "make that the project's lockfile too" },
      jobs: realizing.jobs,
      installer: realizing.installer,
      'link-mode': realizing['link-mode'],
      json: { takes: 'nothing', about: 'one event per line on stdout, nothing else' },
    },
    example: 'pipeline rollback demo 2',
  },
  diff: {
    summary: 'Say in what two versions, lockfiles, or pages of a history differ',
    positionals: { usage: '<a> <b>', least: 2, most: 2 },
    flags: {
      target: { takes: 'text', value: 'DIR', about: 'the target whose history is meant' },
      json: { takes: 'nothing', about: 'one JSON document on stdout' },
    },
    example: 'pipeline diff demo@1 demo',
  },
  node: {
    summary: 'Install, update, uninstall or list packs of any ComfyUI directory',
    positionals: { usage: '<install|update|uninstall|list|save> [<pack>]', least: 1, most: 2 },
    flags: {
      target: { takes: 'text', value: 'DIR', about: 'the ComfyUI directory, made by pipeline or not' },
      'keep-previous': { takes: 'nothing', about: 'keep the version that was active, in .disabled' },
      stash: { takes: 'nothing', about: 'keep your edits of a checkout aside, and update it' },
      'run-install-scripts': { takes: 'nothing', about: "run the pack's install.py" },
      all: { takes: 'nothing', about: 'list every version that waits, too' },
      offline: { takes: 'nothing', about: 'use no network; what is not in the cache is a failure' },
      json: { takes: 'nothing', about: 'one event per line on stdout; for list, one document' },
    },
    example: 'pipeline node install comfyui-kjnodes@1.1.2 --target ~/ComfyUI',
  },
  why: {
    summary: 'Say why a step runs: which inputs changed since it was built',
    positionals: { usage: '[<id>] <step>', least: 1, most: 9 },
    flags: {
      target: { takes: 'text', value: 'DIR', about: 'the target that is meant' },
    },
    example: 'pipeline why fetch-node comfyui-kjnodes',
  },
  graph: {
    summary: 'Draw the plan of a version',
    positionals: { usage: '<id>', least: 1, most: 1 },
    flags: {
      target: { takes: 'text', value: 'DIR', about: 'the target that is meant' },
      format: { takes: 'choice', value: 'NAME', choices: ['mermaid', 'dot'], about: 'the language to draw in' },
    },
    example: 'pipeline graph demo --format dot | dot -Tsvg > demo.svg',
  },
} as const satisfies Readonly<Record<string, Verb>>;

/** The name of a verb. */
export type VerbName = keyof typeof verbs;

type ValueOf<F extends Flag> = F extends { takes: 'nothing' }
  ? true
  : F extends { takes: 'number' }
    ? number
    : F extends { takes: 'choice'; choices: readonly (infer Choice)[] }
      ? Choice
      : F extends { takes: 'names' | 'texts' }
        ? readonly string[]
        : string;

/** What was given of a verb's flags, under their names; a flag that was not given is absent. */
export type FlagsOf<Name extends VerbName> = {
  readonly [F in keyof (typeof verbs)[Name]['flags']]?: (typeof verbs)[Name]['flags'][F] extends infer One extends Flag
    ? ValueOf<One>
    : never;
};
