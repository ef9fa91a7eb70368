import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The checkout that is measured. */
export const checkout = join(import.meta.dirname, '..');

/** What starts pipeline: what is published when it has been built, else the sources. */
export const launcher = existsSync(join(checkout, 'dist/launch.js'))
  ? join(checkout, 'dist/launch.js')
  : join(checkout, 'pipelines/cli/launch.js');

/** A temporary directory with a cache of its own. */
export interface World extends Disposable {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  write(path: string, content: string | Uint8Array): void;
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
