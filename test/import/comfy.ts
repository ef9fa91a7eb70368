import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

import { readInstallation } from '../../pipelines/import/installation.ts';
import { commit, composed, directoryOf } from './project.ts';

/** Text files by path. */
export type Files = Readonly<Record<string, string>>;

/** What every ComfyUI has. */
const core: Files = {
  'main.py': '',
  'custom_nodes/websocket_image_save.py': '',
  'custom_nodes/example_node.py.example': '',
};
/** The `.git` of a directory (`''`, or with a slash at its end). */
export const gitOf = (directory: string, url: string, head = `${commit}\n`): Files => ({
  [`${directory}.git/HEAD`]: head,
  [`${directory}.git/config`]: `[remote "origin"]\n\turl = ${url}\n`,
});
/** An archive of the registry, unpacked. */
export const packOf = (directory: string, name: string, version: string): Files => ({
  [`${directory}/pyproject.toml`]: `[project]\nname = "${name}"\nversion = "${version}"\n[project.urls]\nRepository = "https://github.com/o/${name}"\n`,
  [`${directory}/.tracking`]: 'pyproject.toml\n',
});
/** An installed package. */
export const wheelOf = (site: string, name: string, version: string): Files => ({
  [`${site}/${name}-${version}.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n\nVersion: 9\n`,
});
/** Where packages are. */
export const site = '.venv/lib/python3.11/site-packages';
/** A virtual environment without packages. */
export const venv: Files = { '.venv/pyvenv.cfg': 'home = /usr/bin\nversion = 3.11.9\n', [`${site}/x.py`]: '' };

const noVenv = 'lost Python packages: there is no .venv or venv to read them from';
/** What is said of every installation. */
export const changes = 'lost local changes: files that were edited after they were installed are not looked for';
/** And what besides, where there is no environment. */
export const usual = [noVenv, changes];

/** What is found in a directory with these files, below a project; what it writes to the directory would show. */
export async function readComfy(files: Files, { prepare }: { readonly prepare?: (comfy: string) => void } = {}) {
  const root = directoryOf(
    Object.fromEntries(Object.entries({ ...core, ...files }).map(([path, text]) => [`comfy/${path}`, text])),
  );
  const directory = join(root, 'comfy');
  prepare?.(directory);
  const before = readdirSync(directory, { recursive: true });
  const found = await readInstallation({
    directory,
    root,
    hash: async ({ file }) => hash('sha256', readFileSync(file)),
  });
  expect(readdirSync(directory, { recursive: true })).toEqual(before);
  return composed(found, { root });
}
