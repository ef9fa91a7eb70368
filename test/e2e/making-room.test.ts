import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';

import { small } from './small.ts';
import { takenOver, warningsOf } from './taken-over.ts';
import { clone, git, link, makeConda, put, type Source } from './taking-over.ts';
import { listing } from './tree.ts';

const on = small();
const { inTarget, inKept, besides, expectWell } = takenOver(on);
let later: Source;

beforeAll(async () => {
  later = await on.world.commit('alpha', { '__init__.py': 'ALPHA = 2\n' });
});

it('a directory that conda made is kept whole, like any other environment', async () => {
  const { bench } = on;
  makeConda(bench.target);
  const before = listing(inTarget('.venv'));
  await on.realize();
  expect(listing(inKept('venv-1'))).toEqual(before);
  expect(await besides()).toEqual([]);
  await expectWell();
});

it('an environment behind a link of the user is refused: nobody knows what else uses it', async () => {
  const { bench } = on;
  const elsewhere = bench.at('environment');
  put(elsewhere, { 'pyvenv.cfg': 'home = /usr/bin\n' });
  put(bench.target, { 'notes.txt': 'mine' });
  link(elsewhere, inTarget('.venv'));
  const refused = await bench.realize('small', ['--keep-going']);
  expect(refused.exitCode).toBe(3);
  expect(JSON.stringify(refused.events)).toContain('put a directory in place of .venv');
  expect(listing(bench.target, { except: ['.pipeline'] })).toMatchObject({ '.venv': `-> ${elsewhere}` });
  expect(Object.keys(listing(elsewhere))).toEqual(['pyvenv.cfg']);
});

it("a link to a working copy is the user's: refused, and nothing is changed; where all is as wanted it is used as it is", async () => {
  const { bench } = on;
  const working = bench.at('work/alpha');
  await clone(later, working);
  put(bench.target, { 'custom_nodes/mine.py': 'MINE = 1\n', '.venv/pyvenv.cfg': 'home = /usr/bin\n' });
  link(working, inTarget('custom_nodes/alpha'));
  const [before, outside] = [listing(bench.target), listing(working)];
  const refused = await bench.realize('small');
  expect(refused.exitCode).toBe(3);
  expect(refused.failed.failure).toMatchObject({
    hint: expect.stringContaining('remove the link custom_nodes/alpha and move what is in'),
  });
  expect(listing(bench.target, { except: ['.pipeline'] })).toEqual(before);
  expect(listing(working)).toEqual(outside);

  await git(working, 'reset', '--quiet', '--hard', String(on.node('alpha')['commit']));
  const asWanted = listing(working);
  await on.realize();
  expect(readlinkSync(inTarget('custom_nodes/alpha'))).toBe(working);
  expect((await on.realize()).built).toEqual([]);
  expect((await bench.pipeline(['delete', 'small', '--target', bench.target, '--yes'])).exitCode).toBe(0);
  expect(listing(working)).toEqual(asWanted);
});

it('a link into the old cache is known where the volume is mounted elsewhere, and where variables moved that cache', async () => {
  const { bench } = on;
  const moved = bench.at('nodes-cache');
  put(moved, { 'beta@main/__init__.py': 'BETA = 0\n' });
  put(bench.target, { 'notes.txt': 'mine' });
  put(inTarget('custom_nodes'), {});
  const links = {
    alpha: '/workspace/cache/runpod-comfy/custom_nodes/alpha@main',
    beta: join(moved, 'beta@main'),
    gone: '/root/.comfy-cache/custom_nodes/gone@latest',
  };
  for (const [name, to] of Object.entries(links)) link(to, inTarget('custom_nodes', name));
  const ended = await bench.realize('small', [], { env: { COMFY_CACHE_NODES: moved } });
  expect(ended.exitCode).toBe(0);
  expect(await besides()).toEqual(['notes.txt']);
  for (const [name, to] of Object.entries(links)) expect(readlinkSync(inKept(`${name}-1`))).toBe(to);
  expect(readFileSync(join(moved, 'beta@main/__init__.py'), 'utf8')).toBe('BETA = 0\n');
});

it('a pack that is no checkout, and not as it is wanted, is kept whole; one that is as wanted is taken over', async () => {
  const { bench } = on;
  put(bench.target, {
    'custom_nodes/alpha/__init__.py': 'ALPHA = "copied by hand"\n',
    'custom_nodes/alpha/mine.json': '{}',
    'custom_nodes/beta/__init__.py': 'BETA = 1\n',
    'custom_nodes/beta/mine.json': '{}',
  });
  const said = warningsOf(await on.realize());
  expect(said).toEqual([
    'custom_nodes/alpha was not placed by pipeline: all of it (1 kB) is kept as .pipeline/kept/alpha-1',
  ]);
  expect(await besides()).toEqual(['custom_nodes/beta/mine.json']);
  expect(Object.keys(listing(inKept('alpha-1')))).toEqual(['__init__.py', 'mine.json']);
  await expectWell();
});

/** Binds its first argument to its second, which only the command after them sees. */
const bound = ['unshare', '--map-root-user', '--mount', 'sh', '-c', 'mount --bind "$0" "$1" && shift && exec "$@"'];

/** Whether a process may have mounts of its own here. */
const canMount = ((): boolean => {
  try {
    execFileSync(bound[0]!, [...bound.slice(1), import.meta.dirname, import.meta.dirname, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

it('an environment on a volume of its own cannot be moved: refused before anything is changed', async ({ skip }) => {
  skip(!canMount, 'a process may not have mounts of its own here');
  const { bench } = on;
  const volume = bench.at('volume');
  put(volume, { 'pyvenv.cfg': 'home = /usr/bin\n' });
  put(bench.target, { 'notes.txt': 'mine', '.venv/under': '' });
  const refused = await bench.realize('small', [], { under: [...bound, volume, inTarget('.venv')] });
  expect(refused.exitCode).toBe(3);
  expect(refused.failed).toMatchObject({ name: 'build-venv', failure: { kind: 'refused' } });
  expect(JSON.stringify(refused.failed)).toContain('empty .venv, or choose another target');
  expect(Object.keys(listing(volume))).toEqual(['pyvenv.cfg']);
  expect(Object.keys(listing(bench.target, { except: ['.pipeline'] }))).toEqual(['.venv/', '.venv/under', 'notes.txt']);
});

it('a checkout, or a link of an earlier tool, stands where a release of the registry goes: both are kept whole', async () => {
  const { bench, world } = on;
  const gamma = await world.commit('gamma', {
    '__init__.py': 'GAMMA = "from git"\n',
    'pyproject.toml': '[project]\nname = "gamma"\nversion = "1.0.0"\n',
    '.tracking': '__init__.py\npyproject.toml',
  });
  await clone(gamma, inTarget('custom_nodes/Gamma'));
  expect(warningsOf(await on.realize())).toEqual([
    expect.stringMatching(/^custom_nodes\/Gamma was not placed by pipeline: .* is kept as \.pipeline\/kept\/Gamma-1$/),
  ]);
  expect(await besides()).toEqual([]);
  expect(await git(inKept('Gamma-1'), 'rev-parse', 'HEAD')).toBe(gamma.commit);

  const other = bench.at('other');
  const former = join(bench.cache, 'custom_nodes/Gamma@latest');
  await clone(gamma, former);
  link(former, join(other, 'custom_nodes/Gamma'));
  expect((await bench.pipeline(['realize', 'small', '--target', other])).exitCode).toBe(0);
  expect(readlinkSync(join(other, '.pipeline/kept/Gamma-1'))).toBe(former);
  expect(await git(former, 'status', '--porcelain')).toBe('');
});
