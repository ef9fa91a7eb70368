import { expect, it } from 'vitest';

import type { Explained } from '../../pipelines/cli/command-why.ts';
import type { Ended } from './rig.ts';
import { small } from './small.ts';

const on = small();

const ask = (...words: readonly string[]): Promise<Ended> => on.bench.pipeline([...words, '--target', on.bench.target]);

/** The one document that stdout holds. */
function documentOf({ stdout, stderr, exitCode }: Pick<Ended, 'stdout' | 'stderr' | 'exitCode'>) {
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as { readonly type: string; readonly id: string; readonly steps: readonly unknown[] };
}

it('why --json is one document: what would become of each step that is meant, and why it ran last', async () => {
  await on.realize();
  const was = on.node('alpha')['commit'];
  const alpha = await on.world.node('alpha', { '__init__.py': 'ALPHA = 5\n' });
  on.relock({ nodes: on.nodesBut('alpha', alpha) });
  const reason = { why: 'changed', fields: [{ path: 'pin.commit', was, now: alpha['commit'] }] };
  const before = documentOf(await ask('why', 'small', 'fetch-node alpha', '--json'));
  expect(before).toMatchObject({ type: 'why', id: 'small' });
  expect(before.steps).toMatchObject([{ task: 'fetch-node', name: 'fetch-node alpha', prospect: 'miss', reason }]);
  await on.realize();
  const { steps } = documentOf(await ask('why', 'small', 'node', '--json'));
  const explained = steps as readonly Explained[];
  expect(new Set(explained.map(({ prospect }) => prospect))).toEqual(new Set(['hit']));
  expect(explained.find(({ name }) => name === 'fetch-node alpha')!.last).toMatchObject(reason);
  expect(explained.every(({ name, title }) => `${name}\n${title}`.includes('node'))).toBe(true);
});

it('graph --json is one document: every step, and the smaller numbers of those it needs', async () => {
  const { events } = await on.realize();
  const { steps: announced } = events.find((event) => event.type === 'run.started')!;
  const { type, id, steps } = documentOf(await ask('graph', 'small', '--json'));
  expect({ type, id }).toEqual({ type: 'graph', id: 'small' });
  const told = steps as readonly { readonly step: number; readonly needs: readonly number[] }[];
  expect(told).toMatchObject(announced.map(({ step, task, name, title }) => ({ step, task, name, title })));
  for (const { step, needs } of told) for (const needed of needs) expect(needed).toBeLessThan(step);
  expect(told.at(-1)).toMatchObject({ task: 'activate', kind: 'placed', resource: 'disk' });
});

it('graph --json draws in no other language', async () => {
  const { exitCode, stdout, stderr } = await ask('graph', 'small', '--json', '--format', 'dot');
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toBe('error: --json and --format are two languages\nhint: choose one of them\n');
});
