import { realizing } from './realizing-flags.ts';
import type { Verb } from './verb.ts';

/** The verbs that write versions and lockfiles, and make and carry what they say. */
export const making = {
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
    summary: 'Resolve a version: check it, pin all of it, write its lockfile',
    positionals: { usage: '<id>', least: 1, most: 1 },
    flags: {
      offline: { takes: 'nothing', about: 'use no network; only what is pinned already' },
      update: { takes: 'names', value: 'name...', about: 'resolve these again (without names: everything)' },
      jobs: realizing.jobs,
      trace: realizing.trace,
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
    seldom: true,
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
    seldom: true,
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
    seldom: true,
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
    seldom: true,
    flags: {
      force: { takes: 'nothing', about: 'replace documents of the same names' },
      json: { takes: 'nothing', about: 'one event per line on stdout, nothing else' },
    },
    example: 'pipeline unpack /mnt/stick/demo.pack.tar',
  },
  image: {
    summary: 'Write a version as a container image, a layer for each part',
    positionals: { usage: '<id>', least: 1, most: 1 },
    flags: {
      base: { takes: 'text', value: 'PATH', about: 'an OCI layout or archive to build upon, or scratch' },
      output: { takes: 'text', value: 'WHERE', about: 'oci:DIR, docker-archive:FILE, or docker://HOST/NAME:TAG' },
      tag: { takes: 'text', value: 'NAME:TAG', about: 'what it is called (<id>:latest)' },
      models: { takes: 'nothing', about: 'put the models in too, a layer each' },
      directory: { takes: 'text', value: 'DIR', about: 'where ComfyUI is in it (/opt/comfyui)' },
      python: { takes: 'text', value: 'PATH', about: 'the Python in it, where that is not found' },
      user: { takes: 'number', value: 'N', least: 0, most: 65_534, about: 'the user it runs as (1000)' },
      compression: { takes: 'choice', value: 'HOW', choices: ['gzip', 'zstd', 'none'], about: 'how layers are packed' },
      torch: realizing.torch,
      offline: realizing.offline,
      'remote-cache': realizing['remote-cache'],
      'remote-cache-mode': realizing['remote-cache-mode'],
      jobs: realizing.jobs,
      json: { takes: 'nothing', about: 'one event per line on stdout, nothing else' },
    },
    example: 'pipeline image demo --base debian.tar --output oci:images',
  },
} as const satisfies Readonly<Record<string, Verb>>;
