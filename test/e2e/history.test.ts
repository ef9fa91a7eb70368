import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { runIn } from './environment.ts';
import { living, shipped } from './living.ts';
import { changedPaths } from './tree.ts';

const on = living();

const disabled = (path: string): boolean => path.startsWith('custom_nodes/.disabled/');

/** The commit that the noise is at. */
const commitIn = ({ nodes }: typeof shipped): string =>
  String(nodes.find(({ name }) => name === 'comfyui-demo-noise')!['commit']).slice(0, 7);

it('an upgrade, its history, and the way back from the store alone; everything runs', async () => {
  await on.realize(on.earlier);
  const first = on.seen();
  await on.realize(on.later);
  const second = on.seen();
  expect(changedPaths(first, second)).not.toEqual([]);

  const history = await on.say('history', 'demo');
  expect(history.exitCode).toBe(0);
  const lines = history.stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatch(/^ {2}1 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}3 nodes$/);
  expect(lines[1]).toMatch(/^ {2}2 {2}\S+ \S+ {2}1 added, 2 changed {2}\(now\)$/);

  // Nothing that it could be fetched from is there any more.
  for (const name of ['demo', 'git']) rmSync(join(on.bench.cache, name), { recursive: true, force: true });
  const lockfile = readFileSync(join(on.bench.project, 'lockfiles/demo.lock.json'), 'utf8');
  const back = await on.say('rollback', 'demo', '--json');
  expect(back.exitCode).toBe(0);
  expect(back.summary.result).toMatchObject({ kind: 'target', version: 'demo', page: 1 });
  expect(back.built.filter((name) => /^(?:fetch|unpack)/.test(name))).toEqual([]);
  expect(back.built).toContain('place-node Demo-Palette');
  expect(existsSync(join(on.bench.cache, 'demo'))).toBe(false);
  expect(changedPaths(first, on.seen()).filter((path) => !disabled(path))).toEqual([]);
  expect(await runIn(on.bench.target, '.venv/bin/python', 'main.py', '--quick-test-for-ci')).not.toContain('FAILED');
  expect(readFileSync(join(on.bench.project, 'lockfiles/demo.lock.json'), 'utf8')).toBe(lockfile);
  expect((await on.say('verify', 'demo')).exitCode).toBe(0);

  // Who goes back twice is where he was.
  expect((await on.say('rollback', 'demo', '--json')).summary.result).toMatchObject({ page: 2 });
  expect(changedPaths(second, on.seen()).filter((path) => !disabled(path))).toEqual([]);
  expect((await on.status()).lockfile.is).toBe('same');
  const { pages } = await on.json<{ readonly pages: readonly { readonly n: number; readonly current: boolean }[] }>(
    'history',
    'demo',
  );
  expect(pages.map(({ n, current }) => (current ? [n] : n))).toEqual([1, 2, 3, [4]]);
});

it("rollback --save makes that the project's lockfile, and the next realize stays there", async () => {
  await on.realize(on.earlier);
  await on.realize(shipped);
  const back = await on.say('rollback', 'demo', '1', '--save', '--json');
  expect(back.exitCode).toBe(0);
  expect(back.notes).toContain('Wrote lockfiles/demo.lock.json');
  expect((await on.status()).lockfile).toEqual({ is: 'same' });
  expect((await on.realize()).built).toEqual([]);
});

it('a page that there is not, with exit code 3, and what is no number, with exit code 2', async () => {
  await on.realize(on.earlier);
  for (const words of [
    ['rollback', 'demo', '7'],
    ['rollback', 'demo'],
    ['diff', 'demo@7', 'demo'],
  ])
    expect((await on.say(...words)).exitCode).toBe(3);
  expect((await on.say('rollback', 'demo', '7')).stderr).toContain('hint: there are 1');
  expect((await on.say('rollback', 'demo', 'first')).exitCode).toBe(2);
});

it('diff says what changed between pages, versions and files, and what is to be fetched', async () => {
  await on.realize(on.earlier);
  await on.realize(on.later);
  const diff = await on.say('diff', 'demo@1', 'demo');
  expect(diff.exitCode).toBe(0);
  const noise = `${commitIn(on.earlier)} (v1.0.0) -> ${commitIn(on.later)} (v1.1.0)`;
  expect(diff.stdout.split('\n')).toEqual([
    'changed  node   comfyui-demo-noise  ' + noise,
    'changed  node   Demo-Palette        1.0.0 -> 1.1.0  4.2 kB',
    'added    wheel  demo-textures       1.0.0  3.8 kB',
    '',
    '1 added, 2 changed; 0 B to fetch',
    '',
  ]);
  on.bench.write({ 'elsewhere/first.lock.json': on.earlier });
  expect((await on.say('diff', 'elsewhere/first.lock.json', 'demo@1')).stdout).toBe('nothing differs; 0 B to fetch\n');
  // On a machine that has nothing yet, all of it is to be fetched.
  const { stdout } = await on.bench.pipeline(['diff', 'elsewhere/first.lock.json', 'demo', '--json'], {
    env: { COMFY_CACHE_ROOT: on.bench.at('empty') },
  });
  const { bytes_to_fetch: bytes } = JSON.parse(stdout) as { readonly bytes_to_fetch: number };
  expect(bytes).toBe(2_098_104 + 3_146_680 + 4154 + 2142 + 2831 + 3820 + 3789);
  expect(existsSync(on.bench.at('empty'))).toBe(false);
});
