import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { planFor } from '#engine';
import { parseLockfile } from '../pipelines/documents/lockfile.ts';
import { realize } from '../pipelines/realize.ts';

const file = 'lockfiles/demo.lock.json';
const text = readFileSync(file, 'utf8');
const interpreter = { path: '/usr/bin/python3', version: '3.11.2', cacheTag: 'cpython-311', platform: 'linux-x86_64' };
const facts = () =>
  realize.read({ lock: parseLockfile(text, file), text, interpreter, installer: 'pipeline', skipModels: false });

test('realize plans no question: what it makes is a function of its lockfile', async () => {
  const plan = planFor(realize.plan(await facts()));
  expect(plan.steps.filter(({ step }) => step.task.kind === 'question')).toEqual([]);
});

test('planning twice gives the same plan', async () => {
  const [a, b] = [planFor(realize.plan(await facts())), planFor(realize.plan(await facts()))];
  const shown = (plan: typeof a) => plan.steps.map(({ name, title, needs }) => ({ name, title, needs }));
  expect(shown(a)).toEqual(shown(b));
  expect(shown(a).map(({ name }) => name)).toMatchInlineSnapshot(`
    [
      "fetch-core",
      "place-core",
      "build-venv",
      "fetch-wheel demo_colors-1.0.0-py3-none-any.whl",
      "unpack-wheel demo_colors-1.0.0-py3-none-any.whl",
      "fetch-wheel demo_noise-1.0.0-py3-none-any.whl",
      "unpack-wheel demo_noise-1.0.0-py3-none-any.whl",
      "fetch-wheel demo_png-1.0.0-py3-none-any.whl",
      "unpack-wheel demo_png-1.0.0-py3-none-any.whl",
      "fetch-wheel demo_textures-1.0.0-py3-none-any.whl",
      "unpack-wheel demo_textures-1.0.0-py3-none-any.whl",
      "install-wheels",
      "fetch-model palettes/ocean.safetensors",
      "fetch-model palettes/sunset.safetensors",
      "link-models",
      "fetch-pack Demo-Palette",
      "swap-nodes",
      "place-node Demo-Palette",
      "fetch-node comfyui-demo-gradient",
      "place-node comfyui-demo-gradient",
      "fetch-node comfyui-demo-noise",
      "place-node comfyui-demo-noise",
      "activate",
    ]
  `);
});

test('only placed steps come after placed steps, up to the activation', async () => {
  const plan = planFor(realize.plan(await facts()));
  for (const { step, needs } of plan.steps)
    if (step.task.kind === 'artifact')
      for (const need of needs) expect(plan.steps[need]!.step.task.kind).toBe('artifact');
  expect(plan.steps.at(-1)!.name).toBe('activate');
});

test('a lockfile without wheels for this platform is refused, and says for which it has some', () => {
  const lock = parseLockfile(text.replace('"platform": "any"', '"platform": "macosx-arm64"'), file);
  const asked = { lock, text, interpreter, installer: 'pipeline', skipModels: false } as const;
  expect(() => realize.read(asked)).toThrow('no wheels for linux-x86_64, only for macosx-arm64');
});
