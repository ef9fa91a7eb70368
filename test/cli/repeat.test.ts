import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Event } from '#engine';
import { keepRepeat } from '../../pipelines/cli/keep-repeat.ts';
import { findRepeat, type Occasion, repeatFile } from '../../pipelines/cli/repeat.ts';
import { witness } from '../../tasks/tools/witness.ts';

let root: string;
const at = (path: string): string => join(root, path);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'repeat-'));
  for (const directory of ['bin', 'early', 'models', 'versions']) mkdirSync(at(directory));
  writeFileSync(at('versions/a.json'), '{}');
  writeFileSync(at('bin/python3'), '#!');
  writeFileSync(at('models/m'), 'm');
});
afterEach(() => rmSync(root, { recursive: true }));

const occasion = (): Occasion => ({
  argv: ['realize', 'a'],
  cwd: root,
  environment: {
    COMFY_CACHE_ROOT: at('cache'),
    PATH: `${at('early')}:${at('bin')}`,
    HF_TOKEN: 'hf_secret',
    WANTED: '1',
    OTHER: 'x',
  },
});
const line = { step: 0, task: 'fetch', name: 'fetch a', title: 'A' };
const told: readonly Event[] = [
  { type: 'note', level: 'warning', text: 'read this' },
  { type: 'run.started', pipeline: 'realize', subject: 'a', steps: [line] },
  { type: 'step.started', step: 0, task: 'fetch', title: 'A', reason: { why: 'new' } },
  { type: 'note', level: 'warning', text: 'only while it ran' },
  { type: 'step.finished', ...line, key: 'k', ms: 70, outcome: 'built' },
  {
    type: 'run.finished',
    ok: true,
    built: 1,
    cached: 0,
    failed: 0,
    skipped: 0,
    bytes_fetched: 9,
    ms: 80,
    ms_saved: 0,
    exit_code: 0,
  },
];
const keep = (): void =>
  keepRepeat(occasion(), told, {
    documents: [witness(at('versions/a.json'))],
    interpreter: at('bin/python3'),
    others: [at('models/m')],
    variables: ['WANTED'],
  });

/** Takes the end of a file away. */
const cut = (file: string, end: RegExp): void => writeFileSync(file, readFileSync(file, 'utf8').replace(end, ''));

test('a command that is repeated tells the same, with nothing done', () => {
  keep();
  expect(findRepeat(occasion()).told?.map((each) => JSON.parse(each) as Event)).toEqual([
    told[0],
    told[1],
    { ...told[4], outcome: 'cached', ms: 0, ms_saved: 70 },
    { ...told[5], built: 0, cached: 1, bytes_fetched: 0, ms: 0, ms_saved: 70 },
  ]);
});

test('a command that was never given has no repeat', () => {
  expect(findRepeat(occasion()).told).toBeUndefined();
});

test.each<[string, (before: Occasion) => Occasion | void]>([
  ['another word', (before) => ({ ...before, argv: [...before.argv, '--offline'] })],
  ['another directory', (before) => ({ ...before, cwd: tmpdir() })],
  ['a variable of ours', (before) => ({ ...before, environment: { ...before.environment, COMFY_OFFLINE: '1' } })],
  ['a variable that is gone', (before) => ({ ...before, environment: { ...before.environment, HF_TOKEN: undefined } })],
  ['a variable a document asked for', (before) => ({ ...before, environment: { ...before.environment, WANTED: '2' } })],
  ['an edited document', () => appendFileSync(at('versions/a.json'), ' ')],
  ['a document of the same size, written later', () => utimesSync(at('versions/a.json'), 1, 1)],
  ['a document that is gone', () => rmSync(at('versions/a.json'))],
  ['an interpreter that comes first on PATH', () => writeFileSync(at('early/python3'), '#!')],
  ['another interpreter', () => writeFileSync(at('bin/python3'), '#!other')],
  ['an interpreter that may not run', () => chmodSync(at('bin/python3'), 0o600)],
  ['a model that is not shown any more', () => rmSync(at('models/m'))],
  ['a damaged record', (before) => writeFileSync(repeatFile(before), '{"format":1}')],
  ['a record cut short', (before) => writeFileSync(repeatFile(before), '{"format":2,"argv":["real')],
  ['a record without its last line', (before) => cut(repeatFile(before), /[^\n]*\n$/)],
  ['a record that was cut in its last line', (before) => cut(repeatFile(before), /.\n$/)],
])('%s makes a command find out for itself', (_, change) => {
  keep();
  const before = occasion();
  expect(findRepeat(change(before) ?? before).told).toBeUndefined();
});

test.each<[string, (before: Occasion) => Occasion | void]>([
  ['a variable of nobody', (before) => ({ ...before, environment: { ...before.environment, OTHER: 'y' } })],
  ['another token', (before) => ({ ...before, environment: { ...before.environment, HF_TOKEN: 'hf_other' } })],
  ['another model beside', () => writeFileSync(at('models/n'), 'n')],
])('%s changes nothing', (_, change) => {
  keep();
  const before = occasion();
  expect(findRepeat(change(before) ?? before).told).toBeDefined();
});

test('what changed while the command ran is not what it acted on: nothing is kept', () => {
  const documents = [witness(at('versions/a.json'))];
  appendFileSync(at('versions/a.json'), ' ');
  keepRepeat(occasion(), told, { documents });
  expect(findRepeat(occasion()).told).toBeUndefined();
});
