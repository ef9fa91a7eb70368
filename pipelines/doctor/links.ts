import { constants, copyFileSync, linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { fine, type Finding, problem, warning } from './finding.ts';
import { openScratch } from './scratch.ts';

/** How a file of one directory may appear in another one without being stored twice. */
export interface Links {
  readonly reflink: boolean;
  readonly hardlink: boolean;
  readonly symlink: boolean;
}

/** Tries each way from one directory to another; both exist. Throws where nothing can be written at all. */
export function tryLinks(from: string, to: string): Links {
  using source = openScratch(from);
  using other = openScratch(to);
  const file = join(source.path, 'file');
  writeFileSync(file, 'link me');
  const works = (name: string, link: (at: string) => void): boolean => {
    const at = join(other.path, name);
    try {
      link(at);
      return readFileSync(at, 'utf8') === 'link me';
    } catch {
      return false;
    }
  };
  return {
    reflink: works('reflink', (at) => copyFileSync(file, at, constants.COPYFILE_FICLONE_FORCE)),
    hardlink: works('hardlink', (at) => linkSync(file, at)),
    symlink: works('symlink', (at) => symlinkSync(file, at)),
  };
}

/** What the links between the store and a target come to. */
export function placing(links: Links): Finding {
  const about = 'placing files';
  const measured = { ...links };
  if (!links.symlink)
    return problem(about, 'The target cannot hold symbolic links, which models are placed as', onAnother, measured);
  if (links.reflink) return fine(about, 'reflinks: what is placed takes no space until it differs', measured);
  if (links.hardlink) return fine(about, 'hard links for packages, copies for what people edit', measured);
  return warning(
    about,
    'copies: cache and target cannot share files, so every version takes its whole size',
    'put both on one volume: COMFY_CACHE_ROOT chooses the cache, --target the target',
    measured,
  );
}

const onAnother = 'choose a target on a volume that knows symbolic links';
