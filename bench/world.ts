import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The checkout that is measured. */
const checkout = join(import.meta.dirname, '..');

/** What starts pipeline as it is published: a copy of what `npm run build` made, beside the packages of this checkout. */
export const launcher = installed();

function installed(): string {
  const root = mkdtempSync(join(tmpdir(), 'pipeline-package-'));
  process.once('exit', () => rmSync(root, { recursive: true, force: true }));
  for (const part of ['dist', 'engine/face.js', 'package.json', 'pipelines/cli/launch.cjs', 'versions/demo.json'])
    cpSync(join(checkout, part), join(root, part), { recursive: true });
  symlinkSync(join(checkout, 'node_modules'), join(root, 'node_modules'));
  return join(root, 'pipelines/cli/launch.cjs');
}

/** A temporary directory with a cache of its own. */
export interface World extends Disposable {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly write: (path: string, content: string | Uint8Array) => void;
}

/** Opens one; it goes when it is disposed of. */
export function openWorld(): World {
  const root = mkdtempSync(join(tmpdir(), 'pipeline-bench-'));
  const environment = { COMFY_CACHE_ROOT: join(root, 'cache'), HOME: root, CI: '', GITHUB_ACTIONS: '' };
  mkdirSync(join(root, 'versions'));
  return {
    root,
    environment,
    write(path, content) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
