import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { small } from './small.ts';

const on = small();

const inTarget = (path: string): string => join(on.bench.target, path);
const read = (path: string): string => readFileSync(inTarget(path), 'utf8');

const namesIn = (path: string): readonly string[] => (existsSync(inTarget(path)) ? readdirSync(inTarget(path)) : []);

/** The directories in which ComfyUI would look for nodes, and those that wait. */
const layout = (): { readonly active: readonly string[]; readonly disabled: readonly string[] } => {
  const active = namesIn('custom_nodes').filter((name) => existsSync(inTarget(`custom_nodes/${name}/__init__.py`)));
  return { active: active.toSorted(), disabled: namesIn('custom_nodes/.disabled').toSorted() };
};

it.each([
  ['alpha', 'alpha@nightly', 'ALPHA = 1\n'],
  ['Gamma', 'gamma@1_0_0', 'GAMMA = 1\n'],
])(
  "%s dropped from the lock goes to custom_nodes/.disabled/%s and comes back without network, with a user's file in it",
  async (name, waiting, text) => {
    await on.realize();
    writeFileSync(inTarget(`custom_nodes/${name}/settings.ini`), 'mine\n');
    on.relock({ nodes: on.nodesBut(name) });
    await on.realize();
    const others = ['Gamma', 'alpha', 'beta'].filter((other) => other !== name);
    expect(layout()).toEqual({ active: others, disabled: [waiting] });
    expect(read(`custom_nodes/.disabled/${waiting}/settings.ini`)).toBe('mine\n');
    expect(read(`custom_nodes/.disabled/${waiting}/__init__.py`)).toBe(text);
    expect((await on.realize()).built).toEqual([]);

    const asked = on.world.asked();
    on.relock({});
    const { built } = await on.realize();
    expect(built.filter((step) => step.startsWith('fetch-'))).toEqual([]);
    expect(on.world.asked()).toBe(asked);
    expect(layout()).toEqual({ active: ['Gamma', 'alpha', 'beta'], disabled: [] });
    expect(read(`custom_nodes/${name}/settings.ini`)).toBe('mine\n');
    expect(read(`custom_nodes/${name}/__init__.py`)).toBe(text);
    expect((await on.realize()).built).toEqual([]);
  },
);

it('one directory name switches from git to the registry and back; the other kind waits, with its own files', async () => {
  await on.realize();
  writeFileSync(inTarget('custom_nodes/alpha/settings.ini'), 'of the clone\n');
  const pack = on.world.pack('alpha', '2.0.0', {
    '__init__.py': 'ALPHA = "registry"\n',
    'pyproject.toml': '[project]\nname = "alpha"\nversion = "2.0.0"\n',
  });
  on.relock({ nodes: on.nodesBut('alpha', pack) });
  const there = await on.realize();
  expect(there.built).toEqual(['activate', 'fetch-pack alpha', 'place-node alpha', 'swap-nodes']);
  expect(layout()).toEqual({ active: ['Gamma', 'alpha', 'beta'], disabled: ['alpha@nightly'] });
  expect(read('custom_nodes/alpha/__init__.py')).toBe('ALPHA = "registry"\n');
  expect(existsSync(inTarget('custom_nodes/alpha/.git'))).toBe(false);
  expect(existsSync(inTarget('custom_nodes/alpha/settings.ini'))).toBe(false);
  expect(existsSync(inTarget('custom_nodes/.disabled/alpha@nightly/.git/HEAD'))).toBe(true);
  writeFileSync(inTarget('custom_nodes/alpha/settings.ini'), 'of the archive\n');

  const asked = on.world.asked();
  on.relock({});
  const back = await on.realize();
  expect(back.summary.bytes_fetched).toBe(0);
  expect(on.world.asked()).toBe(asked);
  expect(layout()).toEqual({ active: ['Gamma', 'alpha', 'beta'], disabled: ['alpha@2_0_0'] });
  expect(read('custom_nodes/alpha/__init__.py')).toBe('ALPHA = 1\n');
  expect(read('custom_nodes/alpha/settings.ini')).toBe('of the clone\n');
  expect(read('custom_nodes/.disabled/alpha@2_0_0/settings.ini')).toBe('of the archive\n');
  expect((await on.realize()).built).toEqual([]);
});

it('a registry node changes its version in place, and files of the user in it stay', async () => {
  await on.realize();
  writeFileSync(inTarget('custom_nodes/Gamma/settings.ini'), 'mine\n');
  on.relock({ nodes: on.nodesBut('Gamma', on.world.pack('Gamma', '1.1.0', { '__init__.py': 'GAMMA = 2\n' })) });
  const { built } = await on.realize();
  expect(built).toEqual(['activate', 'fetch-pack Gamma', 'place-node Gamma']);
  expect(layout()).toEqual({ active: ['Gamma', 'alpha', 'beta'], disabled: [] });
  expect(read('custom_nodes/Gamma/__init__.py')).toBe('GAMMA = 2\n');
  expect(read('custom_nodes/Gamma/settings.ini')).toBe('mine\n');
  expect(existsSync(inTarget('custom_nodes/Gamma/pyproject.toml'))).toBe(false);
});

it('a node that comes back where the user has put a directory of that name: both are there, and a note says so', async () => {
  await on.realize();
  on.relock({ nodes: on.nodesBut('alpha') });
  await on.realize();
  mkdirSync(inTarget('custom_nodes/alpha'));
  writeFileSync(inTarget('custom_nodes/alpha/__init__.py'), 'MINE = 1\n');
  on.relock({});
  const { notes } = await on.realize();
  expect(notes.filter((note) => note.includes('custom_nodes/alpha is taken'))).toHaveLength(1);
  const { active } = layout();
  const texts = active.map((name) => read(`custom_nodes/${name}/__init__.py`));
  expect(texts).toContain('MINE = 1\n');
  expect(texts).toContain('ALPHA = 1\n');
  expect((await on.realize()).built).toEqual([]);
});
