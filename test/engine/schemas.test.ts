import { expect, test } from 'vitest';
import * as classic from 'zod';
import * as mini from 'zod/mini';

import { Tree } from '#cache';
import { defineTask, planFor, run } from '#engine';
import { title } from '../rig/recorder.ts';
import { fakeWorld } from '../rig/workshop.ts';

const recipe = { name: 'mark', revision: 1, resource: 'cpu', title: () => 'Mark' } as const;

const ofClassic = defineTask({
  ...recipe,
  input: classic.object({
    text: classic.string().min(1),
    of: classic.exactOptional(Tree),
    mark: classic.enum(['!', '?']).default('!'),
  }),
  output: classic.string().regex(/[!?]$/),
  run: async ({ text, mark }) => (text === 'liar' ? text : `${text}${mark}`),
});

const ofMini = defineTask({
  ...recipe,
  input: mini.object({
    text: mini.string().check(mini.minLength(1)),
    of: mini.exactOptional(Tree),
    mark: mini._default(mini.enum(['!', '?']), '!'),
  }),
  output: mini.string().check(mini.regex(/[!?]$/)),
  run: async ({ text, mark }) => (text === 'liar' ? text : `${text}${mark}`),
});

test('the schemas of a task may be those of zod or of zod/mini, side by side in one plan', async () => {
  for (const [inner, outer] of [
    [ofClassic, ofMini],
    [ofMini, ofClassic],
  ] as const) {
    const { output } = await run(planFor(outer({ text: inner({ text: 'hello' }), mark: '?' })), title, fakeWorld());
    expect(output).toBe('hello!?');
  }
});

test('a key does not depend on which of them a schema is made of', async () => {
  const world = fakeWorld();
  expect((await run(planFor(ofClassic({ text: 'a' })), title, world)).summary).toMatchObject({ built: 1 });
  expect((await run(planFor(ofMini({ text: 'a', mark: '!' })), title, world)).summary).toMatchObject({ cached: 1 });
});

test.each([
  [{ text: 7 }, 'text: Invalid input: expected string, received number'],
  [{ text: '' }, 'text: Too small: expected string to have >=1 characters'],
  [{ text: 'a', mark: '.' }, 'mark: Invalid option: expected one of "!"|"?"'],
  [{ text: 'a', of: 'b' }, 'of: Invalid string: must match pattern /^tree:[0-9a-f]{64}$/'],
  [{ text: 'liar' }, 'output : Invalid string: must match pattern /[!?]$/'],
])('both say the same of what is wrong: %j', async (input, problem) => {
  for (const task of [ofMini, ofClassic]) {
    const { failures } = await run(planFor(task(input as { text: string })), title, fakeWorld());
    expect(failures).toEqual([{ kind: 'input', task: 'mark', problems: [problem] }]);
  }
});
