import { appendFileSync, globSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { unplugged } from '../rig/unplugged.ts';
import { caching, type Collected, type Document, kindsOf } from './caching.ts';
import { lockOf } from './world.ts';

const on = caching();

/** The exit code of `pipeline cache ...`, and the first line of what is wrong. */
async function said(...words: readonly string[]) {
  const { exitCode, stderr } = await on.cache(...words);
  return [exitCode, stderr.split('\n')[0]];
}

it('gc keeps all that a target is and was: going back needs no network, and everything verifies', async () => {
  await on.realize('small');
  on.bench.lock('small', lockOf(on.others));
  await on.realize('small');
  on.forget('small');
  const collected = await on.gc();
  expect(kindsOf(collected).filter((kind) => !['others', 'results'].includes(kind))).toEqual([]);
  expect(await on.gc()).toMatchObject({ removed: [], freed_bytes: 0 });
  await on.expectWhole('small');
  const asked = on.world.asked();
  const back = await on.bench.pipeline(['rollback', 'small', '--target', on.bench.at('small')], {
    under: unplugged ?? [],
  });
  expect([back.exitCode, on.world.asked()]).toEqual([0, asked]);
  await on.expectWhole('small');
});

it('gc takes what only a deleted version needed, a dry run says just that before, and the other version stays whole', async () => {
  on.bench.lock('other', lockOf(on.others));
  await on.realize('small');
  await on.realize('other');
  on.forget('other');
  expect((await on.bench.pipeline(['delete', 'other', '--target', on.bench.at('other'), '--yes'])).exitCode).toBe(0);
  const before = readdirSync(on.bench.cache, { recursive: true }).length;
  const foreseen = await on.gc('--dry-run');
  expect(readdirSync(on.bench.cache, { recursive: true }).length).toBe(before);
  const { stdout } = await on.cache('gc', '--grace', '0s', '--dry-run');
  for (const { name } of foreseen.removed)
    expect(stdout).toContain(name.replaceAll(/([0-9a-f]{12})[0-9a-f]{52}/g, '$1'));
  const collected = await on.gc();
  expect(collected.removed).toEqual(foreseen.removed);
  expect(collected.freed_bytes).toBe(foreseen.freed_bytes);
  expect(collected.freed_bytes).toBeGreaterThan(700_000);
  expect(kindsOf(collected)).toEqual(['models', 'nodes', 'others', 'records', 'results']);
  expect(await on.gc()).toMatchObject({ removed: [] });
  await on.expectWhole('small');
  // The link that showed the model to other programs led to nothing.
  expect(readdirSync(join(on.bench.cache, 'models/loras'))).toEqual(['small.safetensors']);
  await on.realize('small', on.bench.at('again'), ['--offline']);
});

it('what a project has locked stays, realized or not; what was used just now stays', async () => {
  await on.realize('small');
  expect((await on.bench.pipeline(['delete', 'small', '--target', on.bench.at('small'), '--yes'])).exitCode).toBe(0);
  expect(kindsOf(await on.gc()).filter((kind) => !['others', 'records'].includes(kind))).toEqual([]);
  on.forget('small');
  expect(kindsOf(await on.told<Collected>('gc'))).toEqual([]);
  expect(kindsOf(await on.gc())).toContain('models');
  expect(await on.told('stats')).toMatchObject({ total: { garbage_bytes: 0 } });
});

it('a target that cannot be seen is not taken for deleted: only beside something else it is plainly gone', async () => {
  const volume = on.bench.at('mnt');
  mkdirSync(volume);
  await on.realize('small', join(volume, 'small'));
  on.forget('small');
  await on.gc();
  // Not mounted: the directory is not there, or there is nothing in it.
  renameSync(volume, on.bench.at('away'));
  expect(await on.gc()).toMatchObject({ removed: [], unseen: [join(volume, 'small')] });
  mkdirSync(volume);
  expect(await on.gc()).toMatchObject({ removed: [], unseen: [join(volume, 'small')] });
  expect((await on.cache('gc')).stdout).toContain('which cannot be seen now');
  writeFileSync(join(volume, 'something else'), '');
  const collected = await on.gc();
  expect([kindsOf(collected).includes('models'), collected['unseen']]).toEqual([true, []]);
});

it('--max-size takes the least recently used first, and says when what is needed is more; --max-age spares what is young', async () => {
  on.bench.lock('other', lockOf(on.others));
  for (const id of ['small', 'other']) {
    await on.realize(id);
    on.forget(id);
    rmSync(on.bench.at(id), { recursive: true });
  }
  writeFileSync(on.bench.at('something'), '');
  const all = await on.gc('--dry-run');
  const ofSmall = `blob:${String(on.pins.models[1]!['sha256'])}`;
  expect(all.removed.map(({ name }) => name)).toContain(ofSmall);
  expect(await on.gc('--max-age', '1d', '--dry-run')).toMatchObject({ left_bytes: expect.any(Number) });
  const young = await on.gc('--max-age', '1d');
  expect(young.removed.filter(({ kind }) => kind !== 'records')).toEqual([]);
  const limit = young.left_bytes - 1;
  const some = await on.gc('--max-size', `${limit}B`);
  expect(some['fits']).toBe(true);
  expect(some.left_bytes).toBeLessThanOrEqual(limit);
  // `other` shares nearly everything with what came first: what `small` alone used is the oldest.
  expect(some.removed.length).toBeLessThan(all.removed.length / 2);
  expect(some.removed.map(({ name }) => name)).not.toContain(`blob:${String(on.others.models[1]!['sha256'])}`);
  on.bench.lock('small', lockOf(on.pins));
  await on.realize('small');
  const { exitCode, stdout } = await on.cache('gc', '--grace', '0s', '--max-size', '1kB');
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/more than 1\.0 kB: all of it is needed.*\nhint: `pipeline delete`.*small/),
  ]);
  await on.expectWhole('small');
});

it('limits that make no sense are refused with exit code 2, and a word says what it takes', async () => {
  await on.realize('small');
  expect(await said('gc', '--max-size', '50G')).toEqual([2, 'error: --max-size cannot be 50G']);
  expect(await said('gc', '--max-size', '-1GB')).toEqual([2, expect.stringContaining('--max-size')]);
  expect(await said('gc', '--max-age', '30')).toEqual([2, 'error: --max-age cannot be 30']);
  expect(await said('gc', '--max-age', '1 month')).toEqual([2, 'error: --max-age cannot be 1 month']);
  expect(await said('stats', '--max-age', '1d')).toEqual([2, 'error: cache stats takes no --max-age']);
  expect(await said('stat')).toEqual([2, 'error: cache has no stat']);
  expect(await said('prune')).toEqual([2, 'error: prune needs --keep']);
});

it('stats tell of each kind how much there is and who needs it; path is a path and nothing else', async () => {
  expect((await on.cache('path')).stdout).toBe(`${on.bench.cache}\n`);
  expect((await on.cache('stats')).stderr).toMatch(/A cache in .* does not exist/);
  on.bench.lock('other', lockOf(on.others));
  await on.realize('small');
  await on.realize('other');
  const { kinds, targets, total } = await on.told<{
    readonly kinds: readonly (Document & { readonly kind: string })[];
    readonly targets: readonly Document[];
    readonly total: Document;
  }>('stats');
  const counts = Object.fromEntries(kinds.map(({ kind, count }) => [kind, count]));
  expect(counts).toMatchObject({ models: 3, wheels: 2, packages: 2, core: 1, nodes: 4, mirrors: 3 });
  expect(kinds.find(({ kind }) => kind === 'models')!['bytes']).toBeGreaterThanOrEqual(300_000 + 50_000 + 700_000);
  expect(total['disk_bytes']).toBeGreaterThanOrEqual(total['needed_bytes'] as number);
  expect(new Set(targets.map(({ id }) => id))).toEqual(new Set(['other', 'small']));
  // Its lockfile is in the project: nothing is there for the target alone.
  expect(targets[0]).toMatchObject({ unseen: false, alone_bytes: 0 });
  on.forget('other');
  const after = (await on.told<{ readonly targets: readonly Document[] }>('stats')).targets;
  expect(after.find(({ id }) => id === 'other')!['alone_bytes']).toBeGreaterThan(700_000);
  const { stdout } = await on.cache('stats');
  expect(stdout).toMatch(/^ {2}models +3 +1\.1 MB/m);
  expect(stdout).toContain(on.bench.at('small'));
});

it('verify reads everything, puts away what is damaged, says whose it is with exit code 1; realize makes it again', async () => {
  await on.realize('small');
  expect((await on.cache('verify')).exitCode).toBe(0);
  const [, model] = on.pins.models;
  const [installed] = globSync('store/trees/**/shade/__init__.py', { cwd: on.bench.cache });
  appendFileSync(
    globSync(`store/blobs/*/${String(model!['sha256'])}`, { cwd: on.bench.cache }).map((path) =>
      join(on.bench.cache, path),
    )[0]!,
    'x',
  );
  rmSync(join(on.bench.cache, installed!));
  const { exitCode, stdout } = await on.cache('verify', '--json');
  expect(exitCode).toBe(1);
  const { damaged } = JSON.parse(stdout) as { readonly damaged: readonly Document[] };
  expect(damaged.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['models', 'packages']));
  expect(damaged).toHaveLength(2);
  expect(damaged[0]!['needed_by']).toContain(`small in ${on.bench.at('small')}`);
  expect((await on.cache('verify')).exitCode).toBe(0);
  await on.realize('small', on.bench.at('again'));
  await on.expectWhole('small', on.bench.at('again'));
});
