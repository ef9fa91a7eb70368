import { afterAll, beforeAll, expect, it } from 'vitest';

import { terminal } from '../rig/pseudo-terminal.ts';
import { type Bench, openDemo } from './rig.ts';

let bench: Bench;
let targets = 0;

beforeAll(() => void (bench = openDemo()));
afterAll(() => bench[Symbol.dispose]());

/** What steers a terminal, and what colours it. */
const steering = '\u001B';
const colours = ['1', '2', '31', '32', '33', '34', '36'].map((code) => `\u001B[${code}m`);

/** What a realize into a fresh target shows. */
async function shown(env: Readonly<Record<string, string>>, under: readonly string[] = []): Promise<string> {
  const target = bench.at(`target-${targets++}`);
  const { exitCode, stdout } = await bench.pipeline(['realize', 'demo', '--target', target], { env, under });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('demo is ready');
  return stdout;
}

const hasColour = (text: string): boolean => colours.some((colour) => text.includes(colour));

it.for([
  ['a pipe', {}],
  ['a pipe, whatever is forced', { FORCE_COLOR: '1', TERM: 'xterm-256color', COLUMNS: '100' }],
  ['CI', { CI: 'true' }],
  ['GitHub Actions', { GITHUB_ACTIONS: 'true' }],
] as const)('nothing is drawn where there is no terminal: %s', async ([, env]) => {
  expect(await shown(env)).not.toContain(steering);
});

it('nothing is drawn on a terminal that cannot be steered', async () => {
  expect(await shown({ TERM: 'dumb' }, terminal)).not.toContain(steering);
});

it.for([
  ['in colours', {}, true],
  ['in colours when NO_COLOR is empty, which says nothing', { NO_COLOR: '' }, true],
  ['without colours for NO_COLOR', { NO_COLOR: '1' }, false],
  ['without colours for NO_COLOR, whatever it is', { NO_COLOR: 'false' }, false],
] as const)('a terminal is drawn on %s', async ([, env, coloured]) => {
  const text = await shown({ TERM: 'xterm-256color', ...env }, terminal);
  // What stays when a drawing ends. (A run may end before its first frame is due.)
  expect(text).toMatch(/^\S*✔\S* 3 nodes/m);
  expect(hasColour(text)).toBe(coloured);
});
