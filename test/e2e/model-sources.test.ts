import { hash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

import { serveLarge } from '../rig/model-services.ts';
import { modelBench, pinOf } from './model-bench.ts';
import { listing } from './tree.ts';

const on = modelBench();
const commit = 'a1b2c3d4'.repeat(5);

it('a plain URL is pinned when it is first downloaded, and is not downloaded again', async () => {
  const body = randomBytes(30_000);
  on.ask({ 'a.bin': on.cdn.serve('/files/a.bin', body) });
  expect((await on.validate()).summary).toMatchObject({ ok: true, bytes_fetched: body.length });
  expect(on.locked()['a.bin']).toMatchObject(pinOf(body));
  expect((await on.realize()).summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(on.cdn.asked).toHaveLength(1);
});

it('a checksum in the version spares the download: it is checked when the bytes come', async () => {
  const body = randomBytes(30_000);
  const source = on.cdn.serve('/files/a.bin', body);
  on.ask({ 'a.bin': { source, checksum: pinOf(body).sha256 } });
  expect((await on.validate()).summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(on.locked()['a.bin']).toMatchObject(pinOf(body));
  serveLarge(on.hub, on.cdn, { repository: 'org/repo', path: 'a.bin', body, commit });
  on.ask({ 'a.bin': { source: 'hf://org/repo/a.bin', checksum: `sha256:${'0'.repeat(64)}` } });
  const { exitCode, failed } = await on.validate();
  expect(exitCode).toBe(4);
  expect(failed).toMatchObject({ name: 'resolve-model a.bin', failure: { kind: 'integrity', what: 'a.bin' } });
});

it('an MD5 in the version is checked when the model is pinned, and again when it changes', async () => {
  const body = randomBytes(30_000);
  const source = on.cdn.serve('/files/a.bin', body);
  on.ask({ 'a.bin': { source, checksum: `md5:${'0'.repeat(32)}` } });
  const wrong = await on.validate();
  expect(wrong.exitCode).toBe(4);
  expect(wrong.failed).toMatchObject({ failure: { kind: 'integrity', expected: `md5 ${'0'.repeat(32)}` } });
  on.ask({ 'a.bin': { source, checksum: `md5:${hash('md5', body)}` } });
  expect((await on.validate()).summary.ok).toBe(true);
  const before = on.lockText();
  expect(on.locked()['a.bin']).toMatchObject({ ...pinOf(body), md5: hash('md5', body) });
  const asked = on.cdn.asked.length;
  expect((await on.validate()).summary.ok).toBe(true);
  expect([on.lockText(), on.cdn.asked.length]).toEqual([before, asked]);
  on.ask({ 'a.bin': { source, checksum: `md5:${'1'.repeat(32)}` } });
  expect((await on.validate()).exitCode).toBe(4);
});

it('an object of a bucket is copied by gcloud where there is one, else over HTTP', async () => {
  const body = randomBytes(20_000);
  const program = on.bench.at('bin/gcloud');
  mkdirSync(dirname(program), { recursive: true });
  writeFileSync(on.bench.at('object'), body);
  writeFileSync(program, `#!/bin/sh\nfor to in "$@"; do :; done\nexec cp '${on.bench.at('object')}' "$to"\n`);
  chmodSync(program, 0o755);
  on.ask({ 'a.bin': 'gs://bucket/models/a.bin' });
  const { summary } = await on.validate([], { PATH: `${on.bench.at('bin')}:${process.env['PATH']}` });
  expect(summary.ok).toBe(true);
  expect(on.locked()['a.bin']).toMatchObject({ ...pinOf(body), sources: ['gs://bucket/models/a.bin'] });
  const other = Buffer.from('another object');
  on.cdn.serve('/bucket/models/b.bin', other);
  on.ask({ 'b.bin': 'gs://bucket/models/b.bin' });
  expect((await on.validate([], { STORAGE_EMULATOR_HOST: new URL(on.cdn.origin).host })).summary.ok).toBe(true);
  expect(on.locked()['b.bin']).toMatchObject(pinOf(other));
});

it('a file of the project is pinned where it is, keeps its spelling, and is linked from the store', async () => {
  const body = randomBytes(20_000);
  mkdirSync(join(on.bench.project, 'own'));
  writeFileSync(join(on.bench.project, 'own/a.bin'), body);
  on.ask({ 'a.bin': './own/a.bin' });
  expect((await on.validate()).summary.ok).toBe(true);
  const before = on.lockText();
  expect(on.locked()['a.bin']).toEqual({ path: 'a.bin', root: 'models', sources: ['./own/a.bin'], ...pinOf(body) });
  writeFileSync(join(on.bench.project, 'own/a.bin'), 'edited since');
  expect((await on.validate()).summary.ok).toBe(true);
  expect(on.lockText()).toBe(before);
  expect((await on.realize()).summary.ok).toBe(true);
  expect(on.placed('a.bin').equals(body)).toBe(true);
});

it('one validate tells everything that cannot be resolved, and writes nothing', async () => {
  serveLarge(on.hub, on.cdn, {
    repository: 'org/gated',
    path: 'a.bin',
    body: Buffer.from('x'),
    commit,
    token: 'another',
  });
  on.civitai.serve('/api/v1/model-versions/12', '', { always: { fault: 'html' } });
  on.bench.write({
    'versions/m.json': {
      schema_version: 2,
      version_id: 'm',
      comfy: { repo: on.world.git.url('core'), ref: 'gone' },
      custom_nodes: [{ name: 'alpha', repo: on.world.git.url('core'), ref: 'gone-too' }],
      models: [
        { source: 'hf://org/gated/a.bin', target_path: 'gated.bin' },
        { source: 'civitai://models/12', target_path: 'page.bin' },
        { source: `${on.cdn.origin}/gone.bin`, target_path: 'gone.bin' },
        { source: './gone.bin', target_path: 'local.bin' },
      ],
    },
  });
  const before = listing(on.bench.project);
  const { exitCode, events } = await on.validate();
  const failures = events.filter((event) => event.type === 'step.finished' && event.outcome === 'failed');
  expect(failures.map((event) => event.name).toSorted()).toEqual([
    'resolve-commit ComfyUI',
    'resolve-commit alpha',
    'resolve-model gated.bin',
    'resolve-model gone.bin',
    'resolve-model local.bin',
    'resolve-model page.bin',
  ]);
  expect(exitCode).toBeGreaterThan(0);
  expect(listing(on.bench.project)).toEqual(before);
  const { stdout } = await on.bench.pipeline(['validate', 'm'], { env: on.services() });
  for (const name of ['gated.bin', 'page.bin', 'gone.bin', 'local.bin'])
    expect(stdout).toMatch(new RegExp(`failed +resolve-model +${name}`));
  expect(stdout).toContain('accept the licence');
  expect(stdout).not.toContain('canary');
});

it('--update of a name that the version does not have is a mistake of the command line', async () => {
  on.ask({ 'x/a.bin': 'hf://org/repo/a.bin' });
  const { exitCode, stderr } = await on.validate(['--update', 'a.bim']);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/--update a\.bim: this version has nothing of that name\nhint: did you mean a\.bin\?/);
});
