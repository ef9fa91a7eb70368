import { realizing } from './realizing-flags.ts';
import type { Verb } from './verb.ts';

/** The verbs that run what was made, look at it, and change it. */
export const living = {
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
      timeout: {
        takes: 'number',
        value: 'S',
        least: 1,
        most: 999_999,
        about: 'give the start, and each workflow, S seconds',
      },
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
      debug: { takes: 'nothing', about: 'show what the server prints' },
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
    summary: 'Say how two versions, lockfiles, or pages of a history differ',
    positionals: { usage: '<a> <b>', least: 2, most: 2 },
    flags: {
      target: { takes: 'text', value: 'DIR', about: 'the target whose history is meant' },
      json: { takes: 'nothing', about: 'one JSON document on stdout' },
    },
    example: 'pipeline diff demo@1 demo',
  },
  node: {
    summary: 'Install, update, uninstall, list packs of any ComfyUI directory',
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
