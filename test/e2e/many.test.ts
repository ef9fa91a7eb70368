import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { counts, type Many, openMany } from '../rig/many.ts';
import { type Bench, type Ended, openBench } from './rig.ts';

/** As many steps as go over the network at once, at the least. */
const wave = 16;

/** What is waited for before a request is passed on; each test puts its own here. */
let hold: () => Promise<void> | undefined = () => undefined;
let many: Many;
let first: Bench;
let asked: readonly string[];

/** A machine that has the version, and nothing else. */
function machineFor({ version }: Many): Bench {
  const bench = openBench();
  bench.write({ 'versions/many.json': version });
  return bench;
}

async function validate(bench: Bench, more: readonly string[] = [], how: Parameters<Bench['pipeline']>[1] = {}) {
  const ended: Ended = await bench.pipeline(['validate', 'many', '--json', ...more], how);
  expect(ended.summary).toMatchObject({ ok: true, result: { nodes: 30, models: 16 } });
  return ended;
}

const lockText = ({ project }: Bench): string => readFileSync(join(project, 'lockfiles/many.lock.json'), 'utf8');

/** How often each kind of thing was asked: what is numbered counts together. */
function tally(requests: readonly string[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const request of requests) {
    const kind = request.replace(/(?<=[-/])\d+(?=\/|\.|$)/, 'N').replace(/\?.*/, '');
    found[kind] = (found[kind] ?? 0) + 1;
  }
  return found;
}

/** The nodes that a lockfile pins, without the ports of this run. */
const nodes = (text: string): unknown =>
  (JSON.parse(text) as { nodes: object[] }).nodes.map((node) => ({ ...node, url: '', repo: '' }));

/** What the archives and the models take, whatever the registry is like. */
const always = {
  // A question about a ref is two requests, and so is a fetch.
  'git GET /core/info/refs': 2,
  'git POST /core/git-upload-pack': 2,
  'git GET /node-N/info/refs': 2 * counts.git,
  'git POST /node-N/git-upload-pack': 2 * counts.git,
  'files GET /archives/exact-N.zip': counts.exact,
  'files GET /archives/latest-N.zip': counts.latest,
  'hub HEAD /org/repo/resolve/main/N.safetensors': counts.hub,
  'civitai GET /api/v1/model-versions/N': counts.civitai,
  'files GET /plain/N.safetensors': counts.plain,
};
const atOnce = { 'files POST /registry/bulk/nodes/versions': 1 };
const latest = { 'files GET /registry/nodes/latest-N/versions': counts.latest };

beforeAll(async () => {
  many = await openMany({ there: () => hold() });
  first = machineFor(many);
  // Nobody is answered before so many wait: asked one after another, the first would wait for ever.
  const { promise: full, resolve: fill } = Promise.withResolvers<void>();
  let arrived = 0;
  hold = () => {
    if (++arrived === wave) fill();
    return full;
  };
  await validate(first);
  asked = [...many.front.asked];
});
afterAll(async () => {
  first[Symbol.dispose]();
  await many[Symbol.asyncDispose]();
});

it('30 nodes and 16 models are asked about side by side', () => {
  expect(many.front.most).toBeGreaterThanOrEqual(wave);
});

it('nothing is asked twice, and all exact releases at once', () => {
  expect(tally(asked)).toEqual({ ...always, ...atOnce, ...latest });
});

it('what is pinned is not asked for again', async () => {
  hold = () => undefined;
  const before = many.front.asked.length;
  const text = lockText(first);
  await validate(first);
  expect(many.front.asked.slice(before)).toEqual([]);
  expect(lockText(first)).toBe(text);
});

it('another machine writes the same bytes: other paths, user, time zone, language and mask, and answers in another order', async () => {
  using other = machineFor(many);
  const waiting: (() => void)[] = [];
  // Whoever asked last is answered first.
  hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    if (waiting.length === wave) for (const answer of waiting.toReversed()) answer();
    return waiting.length > wave ? undefined : promise;
  };
  const env = {
    TZ: 'Pacific/Chatham',
    LC_ALL: 'tr_TR.UTF-8',
    LANG: 'tr_TR.UTF-8',
    USER: 'somebody',
    LOGNAME: 'somebody',
  };
  const under = ['sh', '-c', 'umask 077; exec "$0" "$@"'];
  await validate(other, ['--jobs', String(wave)], { env, under });
  expect(lockText(other)).toBe(lockText(first));
  expect(lockText(other)).not.toMatch(/e2e-|somebody/);
});

it.each<[string, (id: string) => boolean, Readonly<Record<string, number>>]>([
  ['does not know that question', () => false, { 'files GET /registry/nodes/exact-N/versions': counts.exact }],
  ['answers it in part', (id) => Number(id.at(-1)) % 2 === 0, { 'files GET /registry/nodes/exact-N/versions': 5 }],
])('a registry that %s is asked one by one for the rest, and the lock is the same', async (_, told, more) => {
  await using other = await openMany({ atOnce: told });
  using bench = machineFor(other);
  await validate(bench);
  expect(tally(other.front.asked)).toEqual({ ...always, ...atOnce, ...latest, ...more });
  expect(nodes(lockText(bench))).toEqual(nodes(lockText(first)));
});
