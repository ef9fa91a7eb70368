import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Files of a directory: text, a link, or (`null`) an empty directory. */
export type Files = Readonly<Record<string, string | { readonly link: string } | null>>;

/** A directory below a directory of the test's own. */
export function directoryOf(files: Files, name = 'some-directory'): string {
  const root = mkdtempSync(join(tmpdir(), 'identity-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const directory = join(root, name);
  mkdirSync(directory);
  for (const [path, content] of Object.entries(files)) {
    const at = join(directory, path);
    mkdirSync(content === null ? at : dirname(at), { recursive: true });
    if (typeof content === 'string') writeFileSync(at, content);
    else if (content !== null) symlinkSync(content.link, at);
  }
  return directory;
}

/** A commit. */
export const commit = '37365817e82c3d6057fcb0a5d7f952f7376f096a';
/** A `.git/config` with one remote. */
export const config = (url: string, name = 'origin'): string =>
  `[core]\n\tbare = false\n[remote "${name}"]\n\turl = ${url}\n`;
/** A `pyproject.toml` with these fields. */
export const project = (fields: string): string => `[project]\n${fields}\n`;
/** The `pyproject.toml` of a pack. */
export const kj = project(
  'name = "ComfyUI-KJNodes"\nversion = "1.1.2"\n[project.urls]\nRepository = "https://github.com/kijai/ComfyUI-KJNodes"',
);
/** A checkout of it. */
export const detached = {
  '.git/HEAD': `${commit}\n`,
  '.git/config': config('https://github.com/kijai/ComfyUI-KJNodes'),
};
/** An archive of it, as the registry has it. */
export const archive = { '.tracking': '__init__.py\nnodes/a.py\n', 'pyproject.toml': kj };
/** What is said of what may be an archive. */
export const look = 'It may be a registry archive: look at it before you update or uninstall it';

/** What the checkout is. */
export const kjNightly = {
  kind: 'nightly',
  id: 'kijai/ComfyUI-KJNodes',
  version: 'nightly',
  name: 'ComfyUI-KJNodes',
  auxId: 'kijai/ComfyUI-KJNodes',
  repo: 'https://github.com/kijai/ComfyUI-KJNodes',
  commit,
  warnings: [],
};
/** What the archive is. */
export const kjArchive = {
  kind: 'cnr',
  id: 'comfyui-kjnodes',
  version: '1.1.2',
  name: 'ComfyUI-KJNodes',
  cnrId: 'comfyui-kjnodes',
  auxId: 'kijai/ComfyUI-KJNodes',
  warnings: [],
};
/** What is neither, in a directory of the usual name. */
export const unknown = (why: string, ...warnings: readonly string[]) => ({
  kind: 'unknown',
  name: 'some-directory',
  why,
  warnings,
});
/** Why. */
export const noMarkers = 'it has neither a git remote nor the `.tracking` of a registry archive';
