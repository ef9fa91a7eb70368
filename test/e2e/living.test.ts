import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { openStore } from '#cache';

import { openSite } from '../../tasks/tools/site/site.ts';
import { type Deviation, living, shipped, type Status } from './living.ts';
import { changedPaths, listing, targetListing } from './tree.ts';

const on = living();

const inOrder = (deviations: readonly Deviation[]) => deviations.toSorted((a, b) => (a.slot < b.slot ? -1 : 1));

const hasPip = ((): boolean => {
  try {
    execFileSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

it('status of what was just realized: no drift, what is shared and what is its own', async () => {
  await on.realize();
  writeFileSync(on.inTarget('output/mine.txt'), 'x'.repeat(1234));
  const { drift, lockfile, sizes, target, last_run_at: last } = await on.status();
  expect({ drift, lockfile, target }).toEqual({ drift: [], lockfile: { is: 'same' }, target: on.bench.target });
  // Two models are links; the core, the nodes and the interpreter are copies.
  expect(sizes.shared).toBeGreaterThanOrEqual(2_098_104 + 3_146_680);
  expect(sizes.own).toBeGreaterThan(10_000);
  expect(sizes.own).toBeLessThan(1_000_000);
  expect(sizes.others).toBe(1234);
  expect(Date.parse(last)).toBeGreaterThan(0);
});

it('status shows drift by slot and file, and repair repairs exactly that', async () => {
  await on.realize();
  const before = targetListing(on.bench.target);
  const [edited, deleted] = ['custom_nodes/Demo-Palette/__init__.py', 'custom_nodes/comfyui-demo-noise/__init__.py'];
  const lost = `${on.packages()}demo_png/__init__.py`;
  writeFileSync(on.inTarget(edited), 'MINE = 1\n');
  for (const path of [deleted, lost, 'models/palettes/ocean.safetensors']) rmSync(on.inTarget(path));
  const drift = [
    { slot: 'models', path: 'models/palettes/ocean.safetensors', fault: 'missing' },
    { slot: 'node Demo-Palette (registry)', path: edited, fault: 'edited' },
    { slot: 'node comfyui-demo-noise (git)', path: deleted, fault: 'missing' },
    { slot: 'wheels', path: lost, fault: 'missing' },
  ];
  expect(inOrder((await on.status()).drift)).toEqual(drift);
  const told = await on.say('status', 'demo');
  expect(told.exitCode).toBe(0);
  expect(told.stdout).toContain(`    node Demo-Palette (registry): 1 edited\n      edited  ${edited}\n`);
  expect(told.stdout).toContain(`pipeline repair demo --target ${on.bench.target}`);

  const repair = await on.say('repair', 'demo', '--json');
  expect(repair.exitCode).toBe(0);
  const nodes = ['place-node Demo-Palette', 'place-node comfyui-demo-noise'];
  expect(repair.built).toEqual(['activate', 'install-wheels', 'link-models', ...nodes]);
  const { repaired } = repair.summary.result as { readonly repaired: readonly Deviation[] };
  expect(inOrder(repaired)).toEqual(drift);
  expect(repair.notes.filter((note) => note.startsWith('Repaired'))).toHaveLength(1);
  expect((await on.status()).drift).toEqual([]);
  const changed = changedPaths(before, targetListing(on.bench.target));
  expect(changed.filter((path) => !path.startsWith('.pipeline/'))).toEqual([`${edited}.user-1`]);
  expect((await on.say('repair', 'demo', '--json')).notes).toEqual(['Nothing in the target was wrong']);
});

it.skipIf(!hasPip)('status shows what pip uninstalled, and repair installs it again', async () => {
  await on.realize();
  const before = on.seen();
  const pip = ['-m', 'pip', '--python', on.inTarget('.venv/bin/python')];
  execFileSync('python3', [...pip, 'uninstall', '--yes', 'demo-png'], { stdio: 'ignore' });
  const { drift } = await on.status();
  expect(drift.length).toBeGreaterThan(2);
  expect(new Set(drift.map(({ slot, fault }) => `${slot}: ${fault}`))).toEqual(new Set(['wheels: missing']));
  expect(drift.every(({ path }) => /demo_png|demo-png/.test(path))).toBe(true);
  expect((await on.say('repair', 'demo', '--json')).built).toEqual(['activate', 'install-wheels']);
  expect(on.seen()).toEqual(before);
});

it('a file that was only touched is no drift', async () => {
  await on.realize();
  utimesSync(on.inTarget('main.py'), 1, 1);
  expect((await on.status()).drift).toEqual([]);
});

it('status tells another lockfile of the project from drift, and repair does not take it over', async () => {
  await on.realize(on.earlier);
  on.relock(shipped);
  const { drift, lockfile } = await on.status();
  expect(drift).toEqual([]);
  expect(lockfile.is).toBe('different');
  expect(lockfile.changes).toMatchObject([
    { change: 'changed', of: 'node', name: 'Demo-Palette', was: '1.0.0', now: '1.1.0' },
    { change: 'added', of: 'wheel', name: 'demo-textures' },
  ]);
  const before = on.seen();
  rmSync(on.inTarget('custom_nodes/Demo-Palette/__init__.py'));
  const { built } = await on.say('repair', 'demo', '--json');
  expect(built).toEqual(['activate', 'place-node Demo-Palette']);
  expect(on.seen()).toEqual(before);
});

it('status without an id lists every target that was realized here, the latest first, and those that are gone no more', async () => {
  const { bench } = on;
  for (const name of ['one', 'two', 'three'])
    expect((await bench.pipeline(['realize', 'demo', '--target', bench.at(name), '--json'])).exitCode).toBe(0);
  rmSync(bench.at('three'), { recursive: true });
  // Neither is it in the way that another version cannot be read.
  bench.write({ 'versions/broken.json': '{' });
  const { stdout, exitCode } = await bench.pipeline(['status', '--json']);
  const { versions } = JSON.parse(stdout) as { readonly versions: readonly Status[] };
  // The cache came with a realize of its own.
  expect(versions.map(({ target }) => target)).toEqual([bench.at('two'), bench.at('one'), on.warm.target]);
  expect(exitCode).toBe(0);
  // By its id it is found wherever it was realized; who would change it is told where it is.
  expect((await bench.pipeline(['status', 'demo'])).stdout).toContain(bench.at('one'));
  const verify = await bench.pipeline(['verify', 'demo']);
  expect(verify.exitCode).toBe(3);
  expect(verify.stderr).toContain(`hint: it is in ${bench.at('two')} and ${bench.at('one')}`);
});

it('status changes nothing', async () => {
  await on.realize();
  const everything = () => listing(on.bench.directory);
  const before = everything();
  await on.say('status', 'demo');
  await on.bench.pipeline(['status']);
  expect(everything()).toEqual(before);
});

it('repair of a target without its models, and of one whose version is gone, makes it what it was', async () => {
  await on.realize(undefined, ['--skip-models']);
  const before = on.seen();
  rmSync(join(on.bench.project, 'versions/demo.json'));
  rmSync(join(on.bench.project, 'lockfiles/demo.lock.json'));
  rmSync(on.inTarget('main.py'));
  const { built, exitCode } = await on.say('repair', 'demo', '--json');
  expect(exitCode).toBe(0);
  expect(built).toEqual(['activate', 'place-core']);
  expect(on.seen()).toEqual(before);
});

it.each([['status'], ['verify'], ['repair'], ['history'], ['rollback']])(
  '%s of what is not realized, or is another version, is refused with exit code 3',
  async (verb) => {
    expect((await on.say(verb, 'demo')).exitCode).toBe(3);
    await on.realize();
    const { exitCode, stderr } = await on.say(verb, 'other');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('it is a target of demo');
  },
);

it('status names what pip installed besides, and repair leaves it', async () => {
  await on.realize();
  const path = `${on.packages()}extra_lib-2.0.dist-info`;
  mkdirSync(on.inTarget(path));
  expect((await on.status()).strangers).toEqual([{ name: 'extra_lib 2.0', path }]);
  expect((await on.say('status', 'demo')).stdout).toContain(`  besides   extra_lib 2.0  ${path}\n`);
  await on.say('repair', 'demo');
  expect(existsSync(on.inTarget(path))).toBe(true);
});

it('a change that was cut short: status says so, verify counts it as damage, repair finishes it', async () => {
  await on.realize();
  const before = on.seen();
  const { target, cache } = on.bench;
  const journal = on.inTarget('.pipeline/journal.json');
  const rename = (from: string, to: string): void => {
    if (existsSync(journal)) throw new Error('cut short');
    renameSync(from, to);
  };
  const store = openStore({ root: join(cache, 'store'), warn: () => {} });
  const site = openSite({ target, store, note: () => {}, rename });
  await site.drop('node Demo-Palette (registry)');
  const lockfile = readFileSync(on.inTarget('.pipeline/lock.json'), 'utf8');
  await expect(site.activate({ version: 'demo', lockfile })).rejects.toThrow('cut short');
  expect((await on.status()).unfinished).toBe(true);
  expect((await on.say('verify', 'demo')).exitCode).toBe(4);
  expect(existsSync(journal)).toBe(true);
  // What was begun is finished first: the node goes, and then it is missing.
  expect((await on.say('repair', 'demo', '--json')).built).toContain('place-node Demo-Palette');
  expect((await on.status()).unfinished).toBe(false);
  expect(on.seen()).toEqual(before);
});
