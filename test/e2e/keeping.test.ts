import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

import { small } from './small.ts';

const on = small();

const inTarget = (path: string): string => join(on.bench.target, path);

/** What a user keeps in a target, and where. */
const theirs = [
  'input/photo.png',
  'input/deep/er/photo.png',
  'output/picture.png',
  'user/default/comfy.settings.json',
  'models/checkpoints/own.safetensors',
  'models/my kind/own.gguf',
  'custom_nodes/own-node/__init__.py',
  'custom_nodes/own-node/.git/HEAD',
  'custom_nodes/single_file.py',
  'custom_nodes/.disabled/waiting/__init__.py',
  'custom_nodes/alpha/settings.ini',
  'custom_nodes/alpha/lib/own.py',
  'custom_nodes/alpha/presets/one.json',
  'custom_nodes/Gamma/settings.ini',
  'comfy/own.py',
  'notes.txt',
  '.venv/lib/own.pth',
] as const;

function putTheirs(): void {
  for (const path of theirs) {
    mkdirSync(dirname(inTarget(path)), { recursive: true });
    writeFileSync(inTarget(path), `the user's ${path}\n`);
  }
}

const lost = (): readonly string[] =>
  theirs.filter(
    (path) => !existsSync(inTarget(path)) || readFileSync(inTarget(path), 'utf8') !== `the user's ${path}\n`,
  );

it('files of the user survive an update of everything', async () => {
  await on.realize();
  putTheirs();
  expect((await on.realize()).built).toEqual([]);
  const core = {
    ...on.pins.core,
    ...(await on.world.commit('core', { 'main.py': 'print("core 2")\n', 'comfy/__init__.py': null })),
  };
  const alpha = await on.world.node('alpha', { '__init__.py': 'ALPHA = 3\n', 'lib/colours.py': null });
  const gamma = on.world.pack('Gamma', '3.0.0', { '__init__.py': 'GAMMA = 3\n' });
  on.relock({ core, nodes: [alpha, gamma], wheels: [], models: [] });
  await on.realize();
  expect(lost()).toEqual([]);
  expect(readFileSync(inTarget('main.py'), 'utf8')).toBe('print("core 2")\n');
  expect(existsSync(inTarget('comfy/__init__.py'))).toBe(false);
  expect(existsSync(inTarget('models/checkpoints/big.safetensors'))).toBe(false);
  expect(existsSync(inTarget('custom_nodes/alpha/lib/colours.py'))).toBe(false);
});

it('files of the user are there before the first realize, and after it', async () => {
  putTheirs();
  await on.realize();
  // An environment of somebody else is not mixed with ours: it is kept aside whole.
  expect(lost()).toEqual(['.venv/lib/own.pth']);
  expect(readFileSync(inTarget('.pipeline/kept/venv-1/lib/own.pth'), 'utf8')).toBe("the user's .venv/lib/own.pth\n");
  expect((await on.realize()).built).toEqual([]);
});

it('a file of the user where ours goes is kept beside, and a note says so', async () => {
  mkdirSync(on.bench.target);
  writeFileSync(inTarget('main.py'), 'mine\n');
  const { notes } = await on.realize();
  expect(readFileSync(inTarget('main.py'), 'utf8')).toBe('print("core 1")\n');
  expect(readFileSync(inTarget('main.py.user-1'), 'utf8')).toBe('mine\n');
  expect(notes.some((note) => note.includes('main.py') && note.includes('main.py.user-1'))).toBe(true);
});

it.each(['output', 'input', 'models'])('%s that the user moved to another disk stays a link', async (directory) => {
  await on.realize();
  const elsewhere = on.bench.at('elsewhere', directory);
  mkdirSync(dirname(elsewhere));
  renameSync(inTarget(directory), elsewhere);
  symlinkSync(elsewhere, inTarget(directory));
  writeFileSync(join(elsewhere, 'mine.bin'), 'mine\n');
  const again = await on.bench.realize('small');
  expect(again.summary).toMatchObject({ ok: true });
  expect(lstatSync(inTarget(directory)).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(elsewhere, 'mine.bin'), 'utf8')).toBe('mine\n');
  const core = { ...on.pins.core, ...(await on.world.commit('core', { 'main.py': 'print("core 4")\n' })) };
  on.relock({ core });
  await on.realize();
  expect(lstatSync(inTarget(directory)).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(elsewhere, 'mine.bin'), 'utf8')).toBe('mine\n');
});
