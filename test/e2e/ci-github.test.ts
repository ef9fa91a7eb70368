import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { type Action, type Done, type Job, readYaml, runJob } from '../rig/workflow.ts';
import { unplugged } from '../rig/unplugged.ts';
import { addExample, addPackage, githubActions, openCaches } from './ci.ts';
import { type Bench, checkout, openBench } from './rig.ts';
import { lockOf, openWorld, type Pins, smallEnvironment, type World } from './world.ts';

const examples = join(checkout, 'examples/ci');
const action = readYaml(join(examples, 'realize/action.yml')) as Action;
const workflow = readYaml(join(examples, 'github.yml')) as { readonly jobs: { readonly realize: Job } } & Record<
  string,
  unknown
>;
const { realize } = workflow.jobs;

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

/** What differs between one run of the workflow and another. */
interface How {
  readonly pins?: Pins;
  readonly under?: readonly string[];
  readonly event?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly job?: Job;
}

/** Runs the workflow on a machine where nothing was before. */
async function onNewMachine(
  caches: ReturnType<typeof openCaches>,
  how: How = {},
): Promise<Done & { readonly asked: number }> {
  using machine = openBench();
  machine.lock('demo', lockOf(how.pins ?? pins));
  addPackage(machine);
  addExample(machine, 'ci/realize/action.yml', '.github/actions/realize/action.yml');
  const before = world.asked();
  const done = await runJob(how.job ?? realize, {
    workspace: machine.project,
    env: {
      PATH: `${join(process.execPath, '..')}:${process.env['PATH']}`,
      HOME: machine.home,
      PIP_CONFIG_FILE: '/dev/null',
      CI: 'true',
      GITHUB_ACTIONS: 'true',
    },
    services: githubActions(caches),
    contexts: {
      github: { event_name: how.event ?? 'push', workflow: 'ComfyUI', ref: 'refs/heads/main' },
      runner: { os: 'Linux', arch: 'X64' },
      secrets: how.secrets ?? {},
      vars: {},
    },
    ...(how.under && { under: how.under }),
  });
  return { ...done, asked: world.asked() - before };
}

const builtIn = (log: string): readonly string[] =>
  [...log.matchAll(/^(?:::group::)?built +(\S+) +(\S+)/gm)].map(([, task, title]) => `${task} ${title}`);

it('a composite action of the shape that GitHub reads: all inputs and outputs described, each script in a shell', () => {
  expect(Object.keys(action).toSorted()).toEqual(['description', 'inputs', 'name', 'outputs', 'runs']);
  for (const [name, input] of Object.entries(action.inputs)) {
    expect([name, typeof input.description]).toEqual([name, 'string']);
    expect([name, input.required === true || typeof input.default === 'string']).toEqual([name, true]);
  }
  expect(action.runs.using).toBe('composite');
  expect(Object.keys(action.outputs)).toEqual(['target', 'cache-hit', 'key']);
  for (const step of action.runs.steps)
    expect([step.uses === undefined, step.run !== undefined, step.shell]).toEqual(
      step.run === undefined ? [false, false, undefined] : [true, true, 'bash'],
    );
});

it('no script holds an expression: what an input or an event says is data', () => {
  const steps = [...action.runs.steps, ...realize.steps];
  expect(steps.flatMap(({ run = '' }) => (run.includes('${{') ? [run] : []))).toEqual([]);
});

it('a new machine builds; the next one builds nothing and needs no network; one node changed is one node built', async () => {
  const caches = openCaches(elsewhere.at('caches'));
  const cold = await onNewMachine(caches);
  expect(cold.steps['comfyui']!.outputs).toMatchObject({
    'cache-hit': 'false',
    target: expect.stringMatching(/\/comfyui$/) as string,
    key: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  expect(cold.summary).toContain('### realize demo: ✅ done');
  expect(cold.asked).toBeGreaterThan(0);
  expect(caches.keys).toEqual([`comfy-Linux-X64-demo-${cold.steps['comfyui']!.outputs['key']}`]);

  const warm = await onNewMachine(caches, { under: unplugged ?? [] });
  expect(warm.steps['comfyui']!.outputs).toMatchObject({
    'cache-hit': 'true',
    key: cold.steps['comfyui']!.outputs['key'],
  });
  expect(warm.asked).toBe(0);
  expect(builtIn(warm.log).filter((step) => /^(?:fetch|unpack|build-wheel)/.test(step))).toEqual([]);
  expect(warm.ran).not.toContain('Shrink the cache');

  const alpha = await world.node('alpha', { '__init__.py': 'ALPHA = 2\n' });
  const nodes = pins.nodes.map((node) => (node['name'] === 'alpha' ? alpha : node));
  const changed = await onNewMachine(caches, { pins: { ...pins, nodes } });
  expect(changed.steps['comfyui']!.outputs).toMatchObject({ 'cache-hit': 'false' });
  expect(builtIn(changed.log).filter((step) => step.startsWith('fetch'))).toEqual(['fetch-node alpha']);
  expect(caches.keys).toHaveLength(2);
  const again = await onNewMachine(caches, { pins: { ...pins, nodes }, under: unplugged ?? [] });
  expect([again.steps['comfyui']!.outputs['cache-hit'], again.asked]).toEqual(['true', 0]);
});

it('without the cache nothing is restored or saved, and the target is where it is wanted', async () => {
  const caches = openCaches(elsewhere.at('unused'));
  const [step] = realize.steps.filter(({ id }) => id === 'comfyui');
  const job: Job = { steps: [{ ...step!, with: { version: 'demo', cache: 'false', target: 'made here' } }] };
  const done = await onNewMachine(caches, { job });
  expect(done.steps['comfyui']!.outputs['target']).toMatch(/\/project\/made here$/);
  expect([done.steps['comfyui']!.outputs['cache-hit'], caches.keys]).toEqual(['false', []]);
});

it('a lockfile that is not of its version any more fails the job, with an annotation', async () => {
  const caches = openCaches(elsewhere.at('stale'));
  const version = { schema_version: 2, version_id: 'demo', comfy: { repo: './other' } };
  const edit = `printf '%s' '${JSON.stringify(version)}' > versions/demo.json`;
  const job: Job = { ...realize, steps: [{ run: edit }, ...realize.steps] };
  await expect(onNewMachine(caches, { job })).rejects.toThrow(
    /::error title=pipeline::lockfiles\/demo\.lock\.json: It is not of this version any more%0Ahint: run `pipeline validate demo`/,
  );
  expect(caches.keys).toEqual([]);
});

it.each([
  ['push', 'read-write a token and a key'],
  ['pull_request', 'read  and '],
])('%s: what opens the remote cache for writing is given to the main branch alone', async (event, words) => {
  const caches = openCaches(elsewhere.at(event));
  const { with: given } = realize.steps.find(({ id }) => id === 'comfyui')!;
  const say = 'echo "$MODE $PIPELINE_REMOTE_CACHE_TOKEN and $PIPELINE_REMOTE_CACHE_SIGNING_KEY"';
  const job: Job = { ...realize, steps: [{ run: say, env: { MODE: given!['remote-cache-mode']! } }] };
  const secrets = { COMFY_CACHE_TOKEN: 'a token', COMFY_CACHE_SIGNING_KEY: 'a key' };
  expect((await onNewMachine(caches, { job, event, secrets })).log).toBe(`${words}\n`);
});
