import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

import { small } from './small.ts';

const on = small();

const inTarget = (path: string): string => join(on.bench.target, path);

/** Makes a link of the user's in the target, to a directory beside it, which it answers. */
function linked(path: string): string {
  const to = on.bench.at('volume', path);
  mkdirSync(to, { recursive: true });
  mkdirSync(dirname(inTarget(path)), { recursive: true });
  symlinkSync(to, inTarget(path));
  return to;
}

it.each([['output', 'input'], ['user', 'temp'], ['models/vae']])(
  'a target whose %s is a link of the user is realized, and nothing is put behind it',
  async (...paths) => {
    const directories = paths.map(linked);
    const { notes } = await on.realize();
    expect(directories.map((directory) => readdirSync(directory))).toEqual(directories.map(() => []));
    const own = paths.filter((path) => path === 'output' || path === 'input');
    expect(notes.filter((note) => note.includes('is a symbolic link of yours'))).toHaveLength(own.length);
    const again = await on.realize();
    expect([again.built, again.notes]).toEqual([[], []]);
  },
);

it('a directory that became a link after it was realized is yielded to as well', async () => {
  await on.realize();
  rmSync(inTarget('output'), { recursive: true });
  const directory = linked('output');
  const { built } = await on.realize();
  expect(built).toEqual(['activate', 'place-core']);
  expect(readdirSync(directory)).toEqual([]);
  expect((await on.realize()).built).toEqual([]);
});

it('models behind a link of the user are refused with what to do; doing it shows them there', async () => {
  const directory = linked('models');
  const refused = await on.bench.realize('small');
  expect(refused.exitCode).toBe(3);
  expect(refused.failed).toMatchObject({ name: 'link-models', failure: { kind: 'refused' } });
  expect(JSON.stringify(refused.failed)).toContain(`--models-dir ${directory}`);
  expect(readdirSync(directory)).toEqual([]);

  await on.realize(['--models-dir', directory]);
  expect(readFileSync(inTarget('models/loras/small.safetensors')).equals(Buffer.alloc(50_000, 'small'))).toBe(true);
  expect(readlinkSync(inTarget('models'))).toBe(directory);
  expect(existsSync(inTarget('extra_model_paths.yaml'))).toBe(false);
  expect((await on.realize(['--models-dir', directory])).built).toEqual([]);

  rmSync(inTarget('models/loras/small.safetensors'));
  expect((await on.realize(['--models-dir', directory])).built).toEqual(['link-models']);
  expect(existsSync(inTarget('models/loras/small.safetensors'))).toBe(true);

  rmSync(inTarget('models'));
  await on.realize(['--models-dir', directory]);
  expect(readFileSync(inTarget('models/loras/small.safetensors')).equals(Buffer.alloc(50_000, 'small'))).toBe(true);
});

it('another file of that name behind the link is refused: the target would use it', async () => {
  const directory = linked('models');
  mkdirSync(join(directory, 'loras'));
  writeFileSync(join(directory, 'loras/small.safetensors'), 'mine');
  const refused = await on.bench.realize('small', ['--models-dir', directory]);
  expect(refused.failed).toMatchObject({ name: 'link-models', failure: { kind: 'refused' } });
  expect(readFileSync(join(directory, 'loras/small.safetensors'), 'utf8')).toBe('mine');
});

it('nodes behind a link of the user are refused with what to do, and nothing is changed', async () => {
  const directory = linked('custom_nodes');
  const refused = await on.bench.realize('small', ['--keep-going']);
  expect(refused.exitCode).toBe(3);
  expect(JSON.stringify(refused.events)).toContain('remove the link custom_nodes and move what is in');
  expect(readdirSync(directory)).toEqual([]);
  expect(existsSync(inTarget('main.py'))).toBe(false);
});
