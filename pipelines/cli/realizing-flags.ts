import type { Verb } from './verb.ts';

/** The flags of every verb that realizes a version, whatever it does then. */
export const realizing = {
  'version-id': { takes: 'text', value: 'ID', about: 'the same as <id>', seldom: true },
  spec: { takes: 'text', value: 'FILE', about: 'a version from this file instead of versions/<id>.json' },
  lock: { takes: 'text', value: 'FILE', about: 'this lockfile instead of lockfiles/<id>.lock.json' },
  target: { takes: 'text', value: 'DIR', about: 'where to make it' },
  'models-dir': { takes: 'text', value: 'DIR', about: 'where models are kept, shared by all versions' },
  'wheels-dir': { takes: 'text', value: 'DIR', about: 'a directory of wheels to look into first' },
  offline: { takes: 'nothing', about: 'use no network; what is not in the cache is a failure' },
  'skip-models': { takes: 'nothing', about: 'leave the models out' },
  torch: { takes: 'text', value: 'BUILD', about: 'which build of torch, where the lockfile has several' },
  frozen: { takes: 'nothing', about: 'never write the lockfile (the default when CI=true)' },
  'remote-cache': { takes: 'text', value: 'URL', about: 'a cache shared with others: https://... or s3://...' },
  'remote-cache-mode': {
    takes: 'choice',
    value: 'M',
    choices: ['read', 'read-write'],
    about: 'how it is used',
    seldom: true,
  },
  jobs: { takes: 'number', value: 'N', least: 1, most: 256, about: 'at most N steps at once' },
  verify: { takes: 'nothing', about: 'read every byte again instead of trusting fingerprints' },
  'link-mode': {
    takes: 'choice',
    value: 'MODE',
    choices: ['auto', 'reflink', 'hardlink', 'copy'],
    about: 'how to place files',
  },
  installer: {
    takes: 'choice',
    value: 'NAME',
    choices: ['pipeline', 'uv', 'pip'],
    about: 'who unpacks wheels',
    seldom: true,
  },
  trace: { takes: 'text', value: 'FILE', about: 'write a Chrome trace of steps and queues', seldom: true },
  json: { takes: 'nothing', about: 'one event per line on stdout, nothing else' },
} as const satisfies Verb['flags'];
