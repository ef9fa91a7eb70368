import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';

import { checkTrace } from '../report/trace.ts';
import { startPackageIndex } from '../rig/package-index.ts';
import { living, shipped } from './living.ts';
import { openBench } from './rig.ts';
import { targetListing } from './tree.ts';
import { openWorld } from './world.ts';

const on = living();
// What the warm cache remembers is of another target.
beforeEach(() => rmSync(join(on.bench.cache, 'runs'), { recursive: true, force: true }));

const inProject = (name: string): string => join(on.bench.project, name);
const pageOf = (name = 'demo-report.html'): string => readFileSync(inProject(name), 'utf8');
const traceIn = (file: string) => checkTrace(JSON.parse(readFileSync(file, 'utf8')));

/** What `report --json` tells. */
interface Document {
  readonly type: string;
  readonly n: number;
  readonly pipeline: string;
  readonly summary: { readonly ok: boolean; readonly built: number; readonly exit_code: number };
  readonly steps: readonly {
    readonly name: string;
    readonly outcome: string;
    readonly began_ms?: number;
    readonly ended_ms: number;
  }[];
  readonly runs: readonly { readonly n: number; readonly pipeline: string; readonly verdict: string }[];
  readonly wheels: { readonly chosen?: string };
  readonly sizes?: { readonly shared: number; readonly own: number; readonly others: number };
}
const document = (...words: readonly string[]): Promise<Document> => on.json<Document>('report', 'demo', ...words);

it('report writes a page about the last run, says where, and leaves the target alone', async () => {
  const { summary } = await on.realize();
  const before = targetListing(on.bench.target);
  const { exitCode, stdout, stderr } = await on.say('report', 'demo');
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(new RegExp(`^Wrote ${inProject('demo-report.html')}\n  run 1: realized demo in `));
  expect(stdout).toContain(`${summary.built} built, ${summary.cached} cached`);
  expect(pageOf()).toContain('<title>demo: realize done</title>');
  for (const part of ['Timeline', 'Graph', 'Hits and misses', 'Sizes on disk', 'All steps', 'Runs'])
    expect(pageOf()).toContain(`>${part}</h2>`);
  expect(targetListing(on.bench.target)).toEqual(before);
});

it('report tells the same run and sizes as the run and status told themselves', async () => {
  const { summary, outcomes } = await on.realize();
  const told = await document();
  const { sizes } = await on.status();
  expect(told).toMatchObject({
    type: 'report',
    n: 1,
    pipeline: 'realize',
    summary: { ok: true, built: summary.built, cached: summary.cached, bytes_fetched: summary.bytes_fetched },
    sizes: { shared: sizes.shared, own: sizes.own, others: sizes.others },
    id: 'demo',
    target: on.bench.target,
  });
  for (const step of told.steps) expect(step.ended_ms).toBeGreaterThanOrEqual(step.began_ms ?? 0);
  expect(Object.fromEntries(told.steps.map(({ name, outcome }) => [name, outcome]))).toEqual(outcomes);
});

it('every verb that realizes or validates has its run kept, with a number; --run tells an earlier one', async () => {
  await on.realize(on.earlier);
  await on.realize(shipped);
  expect((await on.say('rollback', 'demo')).exitCode).toBe(0);
  expect((await on.say('repair', 'demo')).exitCode).toBe(0);
  const { n, runs, pipeline } = await document();
  expect([n, pipeline]).toEqual([4, 'repair']);
  expect(runs.map((run) => [run.n, run.pipeline, run.verdict])).toEqual([
    [1, 'realize', 'done'],
    [2, 'realize', 'done'],
    [3, 'rollback', 'done'],
    [4, 'repair', 'done'],
  ]);
  expect((await document('--run', '3')).pipeline).toBe('rollback');
  const missing = await on.say('report', 'demo', '--run', '9');
  expect(missing.exitCode).toBe(3);
  expect(missing.stderr).toContain('Run 9 of demo');
  expect(missing.stderr).toContain('hint: there are 1, 2, 3, 4');
});

it('a run with nothing to do is told from what the last one left, and is not kept', async () => {
  await on.realize();
  await on.realize();
  const kept = (await document()).runs.length;
  const { summary } = await on.realize();
  expect(summary.built).toBe(0);
  expect((await document()).runs.length).toBe(kept);
});

it('without a target, report finds the version wherever it was last realized', async () => {
  const elsewhere = on.bench.at('elsewhere');
  expect((await on.bench.pipeline(['realize', 'demo', '--target', elsewhere, '--json'])).exitCode).toBe(0);
  const { exitCode, stdout } = await on.bench.pipeline(['report', 'demo', '--output', '-']);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`<code>${elsewhere}</code>`);
  const other = await on.say('report', 'demo');
  expect(other.exitCode).toBe(3);
  expect(other.stderr).toContain(`A run of demo into ${on.bench.target} does not exist`);
});

it('report of a version that was never run says what to do', async () => {
  const { exitCode, stdout, stderr } = await on.bench.pipeline(['report', 'demo']);
  expect([exitCode, stdout]).toEqual([3, '']);
  expect(stderr).toMatch(/A run of demo does not exist\nhint: `pipeline realize demo`/);
});

it('report replaces its own page and nothing else', async () => {
  await on.realize();
  await on.say('report', 'demo', '--output', 'out/page.html');
  expect((await on.say('report', 'demo', '--output', 'out/page.html')).exitCode).toBe(0);
  writeFileSync(inProject('demo-report.html'), '<!doctype html><p>mine');
  const { exitCode, stderr } = await on.say('report', 'demo');
  expect(exitCode).toBe(3);
  expect(stderr).toContain('it is not a report');
  expect(pageOf()).toBe('<!doctype html><p>mine');
  mkdirSync(inProject('directory'));
  expect((await on.say('report', 'demo', '--output', 'directory')).exitCode).toBe(3);
});

it('--output - writes the page to stdout and nothing else, --format markdown a summary', async () => {
  await on.realize();
  const { stdout } = await on.say('report', 'demo', '--output', '-');
  expect(stdout.startsWith('<!doctype html>')).toBe(true);
  expect(stdout.trimEnd().endsWith('</html>')).toBe(true);
  const summary = await on.say('report', 'demo', '--format', 'markdown');
  expect(summary.stdout).toMatch(/^### realize demo: ✅ done\n/);
  expect(readdirSync(on.bench.project).filter((name) => name.endsWith('.html'))).toEqual([]);
});

it('a failed run is kept: report tells what failed, and why', async () => {
  const broken = shipped.nodes.find(({ kind }) => kind === 'git')!;
  on.relock({ ...shipped, nodes: [{ ...broken, commit: 'f'.repeat(40) }] });
  const trace = on.bench.at('trace.json');
  const { exitCode, failed } = await on.bench.realize('demo', ['--trace', trace]);
  expect(exitCode).toBe(3);
  const told = await document();
  expect(told.summary).toMatchObject({ ok: false, exit_code: 3 });
  expect(told.steps.find(({ name }) => name === failed.name)).toMatchObject({ outcome: 'failed' });
  await on.say('report', 'demo');
  expect(pageOf()).toContain('<title>demo: realize failed</title>');
  expect(pageOf()).toContain('>Failures</h2>');
  expect(traceIn(trace).filter(({ args }) => args?.['outcome'] === 'failed')).toHaveLength(1);
});

it('a record that is damaged, or of another release, is none', async () => {
  await on.realize();
  await on.realize(on.earlier);
  const runs = join(on.bench.cache, 'runs');
  const room = readdirSync(runs).find((name) => name !== 'tmp')!;
  const [first, second] = readdirSync(join(runs, room)).toSorted();
  writeFileSync(join(runs, room, second!), 'rubbish');
  expect((await document()).n).toBe(1);
  const text = readFileSync(join(runs, room, first!), 'utf8');
  writeFileSync(join(runs, room, first!), text.replace('"format":1', '"format":9'));
  expect((await on.say('report', 'demo')).exitCode).toBe(3);
});

it('where runs cannot be kept, a run goes well and says so once', async () => {
  writeFileSync(join(on.bench.cache, 'runs'), 'a file');
  const { notes } = await on.realize();
  expect(notes.filter((text) => text.includes('not kept for `pipeline report`'))).toHaveLength(1);
});

const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;

it.skipIf(!hasPip)(
  'packages that exclude each other are told by the run that met them, a choice by those after it',
  async () => {
    await using world = await openWorld();
    await using index = await startPackageIndex();
    using bench = openBench();
    await world.commit('core', { 'main.py': '', 'requirements.txt': 'lib<2\n' });
    for (const version of ['1.0', '2.0']) index.wheel({ name: 'lib', version, files: { 'lib.py': '' } });
    const version = { schema_version: 2, version_id: 'torn', comfy: { repo: world.git.url('core'), ref: 'main' } };
    const python = { index_url: index.url };
    const report = async () => {
      const { stdout } = await bench.pipeline(['report', 'torn', '--target', bench.target, '--json']);
      return JSON.parse(stdout) as Document;
    };
    bench.write({ 'versions/torn.json': { ...version, python, python_packages: ['lib>=2'] } });
    expect((await bench.realize('torn')).exitCode).toBe(3);
    const [torn, page] = [await report(), await bench.pipeline(['report', 'torn', '--output', '-'])];
    expect(torn).toMatchObject({ pipeline: 'validate', wheels: { conflicts: [{ what: 'lib' }] } });
    expect(page.stdout).toContain('<caption>No version of lib suits everybody</caption>');
    bench.write({ 'versions/torn.json': { ...version, python } });
    const { events } = await bench.realize('torn', ['--trace', bench.at('trace.json')]);
    expect(events.filter(({ type }) => type === 'run.finished')).toHaveLength(2);
    const whole = await report();
    expect(whole.runs.map(({ pipeline, verdict }) => [pipeline, verdict])).toEqual([
      ['validate', 'failed'],
      ['validate', 'done'],
      ['realize', 'done'],
    ]);
    expect(whole).toMatchObject({
      pipeline: 'realize',
      wheels: { chosen: expect.any(String) as string, conflicts: [] },
    });
    // One command that did both wrote one trace of both.
    const processes = traceIn(bench.at('trace.json')).filter(({ name }) => name === 'process_name');
    expect(processes.map(({ args }) => args?.['name'])).toEqual(['validate torn', 'realize torn']);
  },
);

it('what choosing packages met with is not known where they were chosen elsewhere', async () => {
  await on.realize();
  expect((await document()).wheels).toEqual({ conflicts: [], notes: [] });
  await on.say('report', 'demo');
  expect(pageOf()).toContain('When they were chosen is not on record here');
});
