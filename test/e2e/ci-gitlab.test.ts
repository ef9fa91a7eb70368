import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { unplugged } from '../rig/unplugged.ts';
import { readYaml } from '../rig/workflow.ts';
import { addPackage, type Caches, openCaches } from './ci.ts';
import { type Bench, checkout, openBench } from './rig.ts';
import { lockOf, openWorld, type Pins, smallEnvironment, type World } from './world.ts';

type Texts = Readonly<Record<string, string>>;

/** The part of a pipeline's file that the recipe uses. */
interface Recipe {
  readonly variables: Texts;
  readonly realize: {
    readonly image: string;
    readonly rules: readonly { readonly if: string; readonly variables: Texts }[];
    readonly cache: readonly { readonly key: unknown; readonly paths: readonly string[]; readonly policy: string }[];
    readonly script: readonly string[];
  };
}

const { variables, realize, ...others } = readYaml(join(checkout, 'examples/ci/gitlab.yml')) as Recipe;

let world: World;
let pins: Pins;
let elsewhere: Bench;
beforeAll(async () => {
  world = await openWorld();
  pins = await smallEnvironment(world);
  elsewhere = openBench();
});
afterAll(async () => {
  elsewhere[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

/** Runs the job on a machine where nothing was before, by one of its rules: restores the caches, runs the script, saves them. */
async function onNewMachine(
  caches: Caches,
  rule: Recipe['realize']['rules'][number],
  { locked = pins, under = [] as readonly string[] } = {},
) {
  using machine = openBench();
  machine.lock('demo', lockOf(locked));
  addPackage(machine);
  const known: Record<string, string> = { CI: 'true', GITLAB_CI: 'true', CI_PROJECT_DIR: machine.project };
  const expand = (text: string): string => text.replaceAll(/\$(\w+)/g, (_, name: string) => known[name] ?? '');
  for (const [name, text] of Object.entries({ ...variables, ...rule.variables })) known[name] = expand(text);
  const rooms = realize.cache.map(({ key, paths: [path = ''], policy }) => ({
    key: typeof key === 'string' ? expand(key) : JSON.stringify(key),
    path: join(machine.project, path),
    policy: expand(policy),
  }));
  for (const { key, path, policy } of rooms) if (policy.includes('pull')) caches.restore(path, key);
  const before = world.asked();
  const env = {
    PATH: `${join(process.execPath, '..')}:${process.env['PATH']}`,
    HOME: machine.home,
    PIP_CONFIG_FILE: '/dev/null',
    ...known,
  };
  const [program, ...argv] = [...under, 'bash', '-eo', 'pipefail', '-c', realize.script.join('\n')];
  const child = spawn(program, argv, { cwd: machine.project, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => void (log += text));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  expect([exitCode, exitCode === 0 ? '' : log]).toEqual([0, '']);
  for (const { key, path, policy } of rooms) if (policy.includes('push') && existsSync(path)) caches.save(path, key);
  return {
    log,
    asked: world.asked() - before,
    fetched: [...log.matchAll(/^built +(fetch\S+) +(\S+)/gm)].map(([, task, title]) => `${task} ${title}`),
  };
}

it('a job of the shape that GitLab reads: caches below the project, a policy for every rule', () => {
  expect(others).toEqual({});
  expect(Object.keys(realize).toSorted()).toEqual(['cache', 'image', 'rules', 'script']);
  expect(realize.cache.every(({ paths }) => paths.length === 1 && !paths[0]!.startsWith('/'))).toBe(true);
  expect(realize.rules.map((rule) => [typeof rule.if, rule.variables['CACHE_POLICY']])).toEqual([
    ['string', 'pull'],
    ['string', 'pull-push'],
  ]);
});

it('a new machine builds; the next one fetches nothing; one node changed is one node fetched; a merge request saves nothing', async () => {
  const caches = openCaches(elsewhere.at('caches'));
  const [mergeRequest, main] = realize.rules;
  const cold = await onNewMachine(caches, main!);
  expect(cold.fetched.length).toBeGreaterThan(1);
  expect(caches.keys).toContain('comfy-demo');
  const warm = await onNewMachine(caches, main!, { under: unplugged ?? [] });
  expect([warm.fetched, warm.asked]).toEqual([[], 0]);
  const alpha = await world.node('alpha', { '__init__.py': 'ALPHA = 2\n' });
  const locked = { ...pins, nodes: pins.nodes.map((node) => (node['name'] === 'alpha' ? alpha : node)) };
  for (let run = 1; run <= 2; run += 1)
    expect((await onNewMachine(caches, mergeRequest!, { locked })).fetched).toEqual(['fetch-node alpha']);
});
