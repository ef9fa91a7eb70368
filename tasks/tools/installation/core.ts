import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { type Checkout, readCheckout } from '../git/read-checkout.ts';
import { readProject } from '../python/pyproject.ts';
import { readSmall } from '../read-small.ts';

/** What a directory of ComfyUI says of itself. `version` is its release, where it names one: `0.3.40`. */
export interface InstalledCore extends Checkout {
  readonly version?: string;
}

/** The directory of ComfyUI that `directory` is, or holds as `ComfyUI/`; undefined when there is none. */
export const findCore = (directory: string): string | undefined =>
  [directory, join(directory, 'ComfyUI')].find((path) =>
    ['main.py', 'custom_nodes'].every((name) => existsSync(join(path, name))),
  );

const maxBytes = 1024 * 1024;

/** Reads which ComfyUI a directory holds, out of its files. */
export function readCore(directory: string): InstalledCore {
  const stated = /^__version__\s*=\s*["']([^"'\n]+)["']/m.exec(
    readSmall(join(directory, 'comfyui_version.py'), maxBytes) ?? '',
  )?.[1];
  const version = stated ?? readProject(readSmall(join(directory, 'pyproject.toml'), maxBytes) ?? '')?.version;
  return { ...readCheckout(directory), ...(version === undefined ? {} : { version }) };
}
