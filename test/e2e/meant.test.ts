import { afterAll, beforeAll, expect, it } from 'vitest';

import { type Bench, openDemo } from './rig.ts';

let bench: Bench;

beforeAll(() => {
  bench = openDemo();
  bench.write({ 'pipelines/greet.ts': 'export const nothing = 1;\n' });
});
afterAll(() => bench[Symbol.dispose]());

const hintOf = async (...words: readonly string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await bench.pipeline(words);
  expect({ words, stdout, refused: [2, 3].includes(exitCode!) }).toEqual({ words, stdout: '', refused: true });
  expect(stderr.split('\n').length).toBeLessThan(24);
  return /^hint: (.*)/m.exec(stderr)?.[1] ?? '';
};

it.for([
  'realize dmeo',
  'validate dmeo',
  'export dmeo --to snapshot',
  'clone dmeo other',
  'delete dmeo --yes',
  'pack dmeo',
  'run-ui dmeo',
  'status dmeo',
  'verify dmeo',
  'repair dmeo',
  'history dmeo',
  'rollback dmeo',
  'diff dmeo demo',
  'graph dmeo',
  'doctor dmeo',
])('an id that is nearly one is told: %s', async (line) => {
  expect(await hintOf(...line.split(' '))).toMatch(/did you mean `demo`\?/);
});

it('an id that is nearly one is told by why, with the command that was meant', async () => {
  expect(await hintOf('why', 'dmeo', 'activate')).toBe('did you mean `pipeline why demo activate`?');
});

it('a verb, and a pipeline of the project, that is nearly one is told', async () => {
  expect(await hintOf('realise', 'demo')).toBe('did you mean realize?');
  expect(await hintOf('gret')).toBe('did you mean greet?');
});

it('a flag that is nearly one is told, and a word of a verb', async () => {
  expect(await hintOf('realize', 'demo', '--ofline')).toBe('did you mean --offline?');
  expect(await hintOf('node', 'lst')).toBe('did you mean list?');
});

it('an id that is near none is not guessed', async () => {
  expect(await hintOf('realize', 'something-else')).toBe(
    'create it with `pipeline create something-else --repo <url>`',
  );
});
