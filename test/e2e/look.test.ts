import { expect, it } from 'vitest';

import type { Prospect } from '#engine';

import type { Ended } from './rig.ts';
import { openBench } from './rig.ts';
import { small } from './small.ts';
import { listing } from './tree.ts';
import { lockOf, openWorld, smallEnvironment } from './world.ts';

const on = small();

const ask = (...words: readonly string[]): Promise<Ended> => on.bench.pipeline([...words, '--target', on.bench.target]);

/** Everything a command that only looks must leave alone. */
const everything = () => ({
  cache: listing(on.bench.cache),
  target: listing(on.bench.target),
  project: listing(on.bench.project),
  home: listing(on.bench.home),
});

interface Forecast {
  readonly steps: readonly Prospect[];
  readonly hit: number;
  readonly miss: number;
  readonly open: number;
  readonly bytes_to_fetch: number;
}

const forecastOf = ({ stdout }: Ended): Forecast => {
  const [line, ...others] = stdout.trimEnd().split('\n');
  expect(others).toEqual([]);
  return JSON.parse(line!) as Forecast;
};

it('why names the field that changed: before the realize as what would run, after it as what ran last', async () => {
  await on.realize();
  const was = on.node('alpha')['commit'] as string;
  const alpha = await on.world.node('alpha', { '__init__.py': 'ALPHA = 5\n' });
  const now = alpha['commit'] as string;
  on.relock({ nodes: on.nodesBut('alpha', alpha) });
  const before = await ask('why', 'small', 'fetch-node alpha');
  expect(before.exitCode).toBe(0);
  expect(before.stdout).toMatch(/^fetch-node alpha: would run$/m);
  expect(before.stdout).toMatch(new RegExp(`pin\\.commit +${was} -> ${now}`));
  await on.realize();
  const after = await ask('why', 'small', 'fetch-node', 'alpha');
  expect(after.stdout).toMatch(/^fetch-node alpha: nothing to do$/m);
  expect(after.stdout).toMatch(/last ran because/);
  expect(after.stdout).toMatch(new RegExp(`pin\\.commit +${was} -> ${now}`));
  // A run in which nothing runs forgets nothing.
  await on.realize();
  expect((await ask('why', 'small', 'fetch-node', 'alpha')).stdout).toBe(after.stdout);
});

it('why of a step that does not exist suggests one, with exit code 3', async () => {
  const { exitCode, stderr, stdout } = await ask('why', 'small', 'fetch-nod alpha');
  expect(exitCode).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toContain('did you mean fetch-node alpha?');
});

it('the event of a step that starts says why it runs', async () => {
  await on.realize();
  const alpha = await on.world.node('alpha', { '__init__.py': 'ALPHA = 6\n' });
  on.relock({ nodes: on.nodesBut('alpha', alpha) });
  const { events } = await on.realize();
  const started = events.find((event) => event.type === 'step.started' && event.task === 'fetch-node');
  const fields = [{ path: 'pin.commit', was: on.node('alpha')['commit'], now: alpha['commit'] }];
  expect(started).toMatchObject({ reason: { why: 'changed', fields } });
});

it('graph prints Mermaid and dot that name every step, and writes nothing', async () => {
  const { events } = await on.realize();
  const { steps } = events.find((event) => event.type === 'run.started')!;
  const before = everything();
  const mermaid = (await ask('graph', 'small')).stdout.split('\n');
  const dot = (await ask('graph', 'small', '--format', 'dot')).stdout.split('\n');
  expect(mermaid.filter((line) => / s\d+\[/.test(line))).toHaveLength(steps.length);
  expect(dot.filter((line) => / s\d+ \[/.test(line))).toHaveLength(steps.length);
  for (const { step, task, title } of steps) {
    expect(mermaid).toContain(`  s${step}["${task}: ${title}"]`);
    expect(dot).toContain(`  s${step} [label="${task}\\n${title}"];`);
  }
  expect(mermaid.filter((line) => line.includes('-->')).length).toBeGreaterThan(steps.length);
  expect(everything()).toEqual(before);
});

it('--dry-run of what is realized shows hits alone, asks no server and writes nothing', async () => {
  const { summary } = await on.realize();
  const [before, asked] = [everything(), on.world.asked()];
  const dry = await on.bench.realize('small', ['--dry-run']);
  expect(dry.exitCode).toBe(0);
  expect(forecastOf(dry)).toMatchObject({ hit: summary.built + summary.cached, miss: 0, open: 0, bytes_to_fetch: 0 });
  expect(everything()).toEqual(before);
  expect(on.world.asked()).toBe(asked);
});

it('--dry-run of a change shows which steps would run and how many bytes they would fetch', async () => {
  await on.realize();
  const model = on.world.model('vae/new.safetensors', Buffer.alloc(12_345));
  on.relock({ models: [...on.pins.models, model] });
  const [before, asked] = [everything(), on.world.asked()];
  const { steps, miss, open, bytes_to_fetch: bytes } = forecastOf(await on.bench.realize('small', ['--dry-run']));
  expect(bytes).toBe(12_345);
  const prospects = Object.fromEntries(steps.map(({ name, prospect }) => [name, prospect]));
  expect(prospects['fetch-model vae/new.safetensors']).toBe('miss');
  expect([prospects['link-models'], prospects['activate']]).toEqual(['open', 'open']);
  expect([miss, open]).toEqual([1, 2]);
  expect(everything()).toEqual(before);
  expect(on.world.asked()).toBe(asked);
});

it('--dry-run with nothing in the cache needs no network and writes nothing', async () => {
  await using world = await openWorld();
  using bench = openBench();
  const pins = await smallEnvironment(world);
  bench.lock('small', lockOf(pins));
  const before = listing(bench.directory);
  const dry = forecastOf(await bench.realize('small', ['--dry-run']));
  const sizes = [...pins.models, ...pins.wheels, ...pins.nodes].map((entry) => Number(entry['size'] ?? 0));
  expect(dry).toMatchObject({ hit: 0, bytes_to_fetch: sizes.reduce((sum, size) => sum + size, 0) });
  expect(listing(bench.directory)).toEqual(before);
  expect(world.asked()).toBe(0);
});
