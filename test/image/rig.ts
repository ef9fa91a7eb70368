import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { type Images, type LayerPart, Failed, type Failure } from '#engine';

import { openImages } from '../../tasks/tools/image/images.ts';
import { openShelf } from '../../tasks/tools/shelf.ts';
import { openShell } from '../../tasks/tools/shell.ts';
import { temporary, testStore, type TestStore } from '../cache/rig.ts';

/** A machine that makes images: a store, and the tool. */
export interface Room {
  readonly root: string;
  readonly store: TestStore;
  readonly images: Images;
}

export function room(environment: Readonly<Record<string, string>> = {}): Room {
  const root = temporary();
  const store = testStore(join(root, 'store'));
  const { signal } = new AbortController();
  let scratches = 0;
  const scratch = async (): Promise<string> => {
    const path = join(root, `scratch-${scratches++}`);
    execFileSync('mkdir', [path]);
    return path;
  };
  const shell = openShell({ environment: { PATH: process.env['PATH'] ?? '' }, signal });
  const shelf = openShelf(store, scratch);
  return { root, store, images: openImages({ store, shelf, shell, environment, signal, report: { progress() {} } }) };
}

/** What a layer is asked with, when nothing else is said. */
export const usual = { directory: 'opt/comfyui', owner: 1000, compression: 'gzip', about: 'a layer' } as const;

/** A layer of these parts. */
export const layerOf = async ({ images }: Room, parts: readonly LayerPart[]) => images.layer({ ...usual, parts });

/** What real tar says is in a layer, a line each: mode, owner, and name. */
export const listed = (path: string): readonly string[] =>
  execFileSync('tar', ['--numeric-owner', '--full-time', '-tvf', path], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');

/** The failure that work ends in. Whatever else it throws comes out as it is. */
export const failureOf = async (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => Promise.reject(new Error('It did not fail')),
    (error: unknown) => (error instanceof Failed ? error.failure : Promise.reject(error)),
  );

/** An image of one layer, and what it was wished with. */
export async function smallImage(of: Room, text = 'print(1)\n') {
  const layer = await layerOf(of, [{ text, at: 'opt/comfyui/main.py' }]);
  return of.images.compose({ ...wish, layers: [layer] });
}

export const wish = {
  architecture: 'amd64',
  created: '1980-01-01T00:00:00Z',
  directory: '/opt/comfyui',
  owner: 1000,
  env: { LANG: 'C.UTF-8' },
  path: '/opt/comfyui/.venv/bin',
  entrypoint: ['python', 'main.py'],
  command: ['--listen'],
  port: 8188,
  healthcheck: ['true'],
  labels: { 'io.example.of': 'a test' },
};
