import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { openDemo } from './rig.ts';

it('realize and validate add to the summary of a job; a command repeated with nothing to do adds nothing', async () => {
  using bench = openDemo();
  const file = bench.at('summary.md');
  writeFileSync(file, '# Mine\n');
  const env = { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: file };
  expect((await bench.realize('demo', [], { env })).exitCode).toBe(0);
  const first = readFileSync(file, 'utf8');
  expect(first).toMatch(/^# Mine\n\n### realize demo: ✅ done\n\n\| Built .*\n.*\n\| 2\d \| 0 \| 0 \| 0 \|/);
  expect(first).toContain('| Slowest steps |');
  expect((await bench.realize('demo', [], { env })).summary).toMatchObject({ ok: true, built: 0 });
  expect(readFileSync(file, 'utf8')).toBe(first);
  expect((await bench.pipeline(['validate', 'demo'], { env })).exitCode).toBe(0);
  expect(readFileSync(file, 'utf8').slice(first.length)).toMatch(/^\n### validate demo: ✅ done\n/);
});

it('a failure is in the summary with its message', async () => {
  using bench = openDemo();
  const file = bench.at('summary.md');
  const text = readFileSync(`${bench.project}/lockfiles/demo.lock.json`, 'utf8');
  bench.write({
    'lockfiles/demo.lock.json': text.replace(/"sha256": "[0-9a-f]{64}"/, `"sha256": "${'0'.repeat(64)}"`),
  });
  const { exitCode } = await bench.realize('demo', [], { env: { GITHUB_STEP_SUMMARY: file } });
  expect(exitCode).toBe(4);
  const summary = readFileSync(file, 'utf8').replaceAll('&#45;', '-').replaceAll('&#46;', '.');
  expect(summary).toContain('### realize demo: ❌ failed');
  expect(summary).toMatch(/\*\*fetch-\S+ .*\*\*\n\n<pre>.* is not what the lockfile pins\n/);
});

it('a summary that cannot be written is a warning, and the run goes well', async () => {
  using bench = openDemo();
  mkdirSync(bench.at('directory'));
  const { summary, notes } = await bench.realize('demo', [], { env: { GITHUB_STEP_SUMMARY: bench.at('directory') } });
  expect(summary.ok).toBe(true);
  expect(notes.filter((note) => note.includes('job summary'))).toEqual([
    expect.stringMatching(/^The job summary is not written: /),
  ]);
});

it('a version does not choose the file', async () => {
  using bench = openDemo();
  const file = bench.at('chosen');
  const version = JSON.parse(readFileSync(`${bench.project}/versions/demo.json`, 'utf8')) as { readonly env: object };
  bench.write({ 'versions/demo.json': { ...version, env: { ...version.env, GITHUB_STEP_SUMMARY: file } } });
  rmSync(`${bench.project}/lockfiles/demo.lock.json`);
  const { exitCode } = await bench.realize('demo');
  expect([exitCode, existsSync(file)]).toEqual([0, false]);
});

it('what is refused before a run is an annotation in GitHub Actions, and words elsewhere', async () => {
  using bench = openDemo();
  rmSync(`${bench.project}/lockfiles/demo.lock.json`);
  const words = 'lockfiles/demo.lock.json does not exist';
  const github = await bench.realize('demo', [], { env: { CI: 'true', GITHUB_ACTIONS: 'true' } });
  expect([github.exitCode, github.stderr]).toEqual([
    3,
    expect.stringMatching(`^::error title=pipeline::${words}%0Ahint: `),
  ]);
  const elsewhere = await bench.realize('demo', [], { env: { CI: 'true' } });
  expect([elsewhere.exitCode, elsewhere.stderr]).toEqual([3, expect.stringMatching(`^error: ${words}\nhint: `)]);
  expect(existsSync(`${bench.project}/lockfiles/demo.lock.json`)).toBe(false);
});
