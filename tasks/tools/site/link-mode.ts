import { constants, copyFileSync, linkSync, rmSync } from 'node:fs';

import { Failed, type Report } from '#engine';
import type { Link } from './materialise.ts';

/** How files that nobody edits are placed; `auto` takes the first that the volume can do. */
export type LinkMode = 'auto' | 'reflink' | 'hardlink' | 'copy';

type Way = Exclude<LinkMode, 'auto'>;

const ways: Readonly<Record<Way, { readonly place: (from: string, to: string) => void; readonly called: string }>> = {
  reflink: {
    place: (from, to) => copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE),
    called: 'reflinks: copies that take no space until they differ',
  },
  hardlink: { place: linkSync, called: 'hard links into the store' },
  copy: { place: (from, to) => copyFileSync(from, to), called: 'copies' },
};

const preference: readonly Way[] = ['reflink', 'hardlink', 'copy'];

/** What a volume answers that cannot do it, or not between these two places. */
const cannot = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EXDEV', 'EINVAL', 'ENOSYS', 'ENOTTY', 'EPERM']);

/** Says once how it places files. Throws `refused` when the way that was asked for is closed. */
export function openLinker(asked: LinkMode, note: Report['note']): Link {
  const open = asked === 'auto' ? [...preference] : [asked];
  let said = false;
  return (from, to) => {
    for (;;) {
      const way = open[0]!;
      try {
        ways[way].place(from, to);
        if (!said) note('info', `Python packages and other files that nobody edits are placed as ${ways[way].called}`);
        said = true;
        return way !== 'hardlink';
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? '';
        rmSync(to, { force: true });
        // One file may have as many links as the volume allows; the next one has not.
        if (code === 'EMLINK' && asked === 'auto') {
          copyFileSync(from, to);
          return true;
        }
        if (!cannot.has(code)) throw error;
        if (open.length === 1) throw refusal(way, code, error);
        open.shift();
      }
    }
  };
}

const refusal = (way: Way, code: string, cause: unknown): Failed =>
  new Failed(
    {
      kind: 'refused',
      what: `--link-mode ${way}`,
      because: `the volumes of the store and the target cannot do it (${code})`,
      hint: 'leave --link-mode out: the best way that works is found by itself',
    },
    { cause },
  );
