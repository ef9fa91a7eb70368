import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { disk, findCache, findPaths, findRoot, type Probe } from '../../pipelines/documents/paths.ts';
import { project } from './project.ts';

/** A disk on which these directories are there and writable, and nothing else. */
const diskWith = (...paths: readonly string[]): Probe => ({
  exists: (path) => paths.includes(path),
  isWritableDirectory: (path) => paths.includes(path),
});

interface Row {
  readonly flags?: { readonly target?: string; readonly modelsDir?: string };
  readonly target?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly disk?: readonly string[];
}

const find = ({ flags = {}, target, environment = {}, disk: paths = [] }: Row) =>
  findPaths({
    flags,
    environment,
    version: { id: 'demo', ...(target === undefined ? {} : { target }) },
    root: '/project',
    cwd: '/project/work',
    probe: diskWith(...paths),
  });

const home = { HOME: '/home/me' };
const everything = ['/runpod-volume', '/workspace', '/home/me'];

test.each<[because: string, row: Row, target: string]>([
  [
    '--target',
    {
      flags: { target: '/data/x' },
      target: '/other',
      environment: { COMFY_HOME: '/comfy', ...home },
      disk: everything,
    },
    '/data/x',
  ],
  ['--target', { flags: { target: 'x' } }, '/project/work/x'],
  [
    'the version says so',
    { target: '/other', environment: { COMFY_HOME: '/comfy', ...home }, disk: everything },
    '/other',
  ],
  ['the version says so', { target: 'builds/x' }, '/project/builds/x'],
  ['$COMFY_HOME', { environment: { COMFY_HOME: '/comfy', ...home }, disk: everything }, '/comfy'],
  [
    '/runpod-volume is writable',
    { environment: { COMFY_HOME: '', ...home }, disk: everything },
    '/runpod-volume/builds/comfy-demo',
  ],
  [
    '/runpod-volume is writable',
    { disk: [...everything, '/workspace/builds/comfy-demo'] },
    '/runpod-volume/builds/comfy-demo',
  ],
  ['is there already', { disk: [...everything, '/runpod-volume/comfy-demo'] }, '/runpod-volume/comfy-demo'],
  [
    '/runpod-volume is writable',
    { disk: [...everything, '/runpod-volume/comfy-demo', '/runpod-volume/builds/comfy-demo'] },
    '/runpod-volume/builds/comfy-demo',
  ],
  ['/workspace is writable', { environment: home, disk: ['/workspace', '/home/me'] }, '/workspace/builds/comfy-demo'],
  ['$HOME', { environment: home, disk: ['/home/me', '/runpod-volume/comfy-demo'] }, '/home/me/comfy-demo'],
  ['working directory, as $HOME cannot be written', { environment: home }, '/project/work/comfy-demo'],
  ['working directory, as $HOME cannot be written', {}, '/project/work/comfy-demo'],
])('the target because %s: %j', (because, row, target) => {
  const paths = find(row);
  expect([paths.target, paths.because.target]).toEqual([target, because]);
  expect(paths.warnings).toEqual(
    because === '$COMFY_HOME'
      ? ['$COMFY_HOME names one directory for every version: /comfy becomes demo. Give --target to keep versions apart']
      : [],
  );
});

test.each<[because: string, row: Row, models: string]>([
  ['--models-dir', { flags: { modelsDir: '/m' }, environment: { MODELS_DIR: '/n' }, disk: everything }, '/m'],
  ['--models-dir', { flags: { modelsDir: 'm' } }, '/project/work/m'],
  ['$MODELS_DIR', { environment: { MODELS_DIR: '/n' }, disk: everything }, '/n'],
  ['/runpod-volume is writable', { disk: everything }, '/runpod-volume/models'],
  ['/workspace is writable', { disk: ['/workspace'] }, '/workspace/models'],
  ['in the cache', { environment: home }, '/home/me/.cache/runpod-comfy/models'],
  ['in the cache', { environment: { COMFY_CACHE_ROOT: '/cache' } }, '/cache/models'],
])('the models because %s: %j', (because, row, models) => {
  const paths = find(row);
  expect([paths.models, paths.because.models]).toEqual([models, because]);
});

test.each<[because: string, environment: Readonly<Record<string, string>>, there: readonly string[], cache: string]>([
  ['$COMFY_CACHE_ROOT', { COMFY_CACHE_ROOT: '/cache', ...home }, everything, '/cache'],
  ['$COMFY_CACHE_ROOT', { COMFY_CACHE_ROOT: 'cache' }, [], '/project/work/cache'],
  ['/runpod-volume is writable', { XDG_CACHE_HOME: '/xdg', ...home }, everything, '/runpod-volume/cache/runpod-comfy'],
  ['/workspace is writable', home, ['/workspace'], '/workspace/cache/runpod-comfy'],
  ['$XDG_CACHE_HOME', { XDG_CACHE_HOME: '/xdg', ...home }, ['/home/me'], '/xdg/runpod-comfy'],
  ['$HOME', { XDG_CACHE_HOME: 'relative', ...home }, [], '/home/me/.cache/runpod-comfy'],
  ['$HOME is not set', {}, [], '/project/work/.cache/runpod-comfy'],
])('the cache because %s: %j', (because, environment, there, cache) => {
  const around = { environment, cwd: '/project/work', probe: diskWith(...there) };
  expect(findCache(around)).toEqual({ path: cache, because });
  expect(findPaths({ ...around, flags: {}, version: { id: 'demo' }, root: '/project' })).toMatchObject({
    cache,
    because: { cache: because },
  });
});

test.each([
  ['/a/b/c', ['/a/b/c/versions', '/a/versions'], '/a/b/c'],
  ['/a/b/c', ['/a/versions'], '/a'],
  ['/a/b/c', ['/versions'], '/'],
])('the project root of %s with %j is %s', (cwd, there, root) => {
  expect(findRoot({ cwd, probe: diskWith(...there) })).toEqual({ path: root, because: 'has versions/' });
});

test('the project root without versions/ anywhere is the working directory', () => {
  expect(findRoot({ cwd: '/a/b', probe: diskWith() })).toEqual({
    path: '/a/b',
    because: 'working directory, without versions/ in it or above',
  });
});

test('the real disk answers for what is there', () => {
  const root = project({ 'a.txt': '' });
  mkdirSync(join(root, 'd'));
  expect(
    ['d', 'a.txt', 'nothing'].map((name) => [
      disk.exists(join(root, name)),
      disk.isWritableDirectory(join(root, name)),
    ]),
  ).toEqual([
    [true, true],
    [true, false],
    [false, false],
  ]);
});
