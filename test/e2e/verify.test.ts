import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { type Deviation, living } from './living.ts';

const on = living();

/** Changes one byte of a file and nothing that a look at it shows. */
function flip(path: string): void {
  const before = on.bench.at('before');
  const bytes = readFileSync(path);
  // Node knows no nanoseconds.
  execFileSync('touch', ['-r', path, before]);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  execFileSync('touch', ['-r', before, path]);
}

it('verify finds a flipped byte in a placed package, that nothing else shows, and repair --verify mends it', async () => {
  await on.realize(undefined, ['--link-mode', 'copy']);
  const path = `${on.packages()}demo_png/__init__.py`;
  const before = readFileSync(on.inTarget(path));
  expect((await on.say('verify', 'demo')).exitCode).toBe(0);
  flip(on.inTarget(path));
  expect((await on.status()).drift).toEqual([]);
  const verify = await on.say('verify', 'demo');
  expect(verify.exitCode).toBe(4);
  expect(verify.stdout).toContain(`wheels: 1 edited\n  edited  ${path}\n`);
  expect(verify.stdout).toContain(`pipeline repair demo --target ${on.bench.target} --verify`);
  const repair = await on.say('repair', 'demo', '--verify', '--link-mode', 'copy', '--json');
  expect(repair.built).toEqual(['activate', 'install-wheels']);
  expect(readFileSync(on.inTarget(path))).toEqual(before);
  expect((await on.say('verify', 'demo')).exitCode).toBe(0);
});

it('verify finds a flipped byte in the store behind a model, puts that away, and repair fetches it again', async () => {
  await on.realize();
  const model = on.inTarget('models/palettes/ocean.safetensors');
  const before = readFileSync(model);
  flip(model);
  const verify = await on.say('verify', 'demo');
  expect(verify.exitCode).toBe(4);
  expect(verify.stdout).toMatch(/^store: damaged {2}blob:194eb193\w+ {2}of models$/m);
  const repair = await on.say('repair', 'demo', '--json');
  expect(repair.built).toEqual(['fetch-model palettes/ocean.safetensors', 'link-models']);
  const dangling = { slot: 'models', path: 'models/palettes/ocean.safetensors', fault: 'dangling' };
  expect(repair.summary.result).toMatchObject({ repaired: [dangling] });
  expect(readFileSync(model)).toEqual(before);
  expect((await on.say('verify', 'demo')).exitCode).toBe(0);
});

it('verify finds what was damaged in the store and in the target at once', async () => {
  await on.realize(undefined, ['--link-mode', 'hardlink']);
  const path = `${on.packages()}demo_png/__init__.py`;
  flip(on.inTarget(path));
  const found = await on.json<{
    readonly ok: boolean;
    readonly deviations: readonly Deviation[];
    readonly objects: readonly { readonly slots: readonly string[]; readonly is: string }[];
  }>('verify', 'demo');
  expect(found.ok).toBe(false);
  expect(found.deviations).toEqual([{ slot: 'wheels', path, fault: 'edited', isHidden: true }]);
  const damaged = found.objects.filter(({ is }) => is !== 'true');
  expect(damaged).toEqual([{ digest: expect.stringMatching(/^tree:/) as string, slots: ['wheels'], is: 'damaged' }]);
});

it('a store that is gone is no damage of the target', async () => {
  await on.realize(undefined, ['--link-mode', 'copy', '--skip-models']);
  rmSync(join(on.bench.cache, 'store'), { recursive: true });
  const verify = await on.say('verify', 'demo');
  expect(verify.exitCode).toBe(0);
  expect(verify.stdout).toMatch(/^\d+ objects of the store are gone/);
});
