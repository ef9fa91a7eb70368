import { rmSync, symlinkSync, writeFileSync } from 'node:fs';

import { beside, breathe, hasRoomBeside } from '#cache';
import type { FileItem } from './item.ts';
import { parseLine, pathOf, renderListing } from './listing.ts';
import { type Laid, type Link, makeDirectory, withMode } from './materialise.ts';
import { joined, parentOf } from './path.ts';
import {
  begun,
  callOff,
  closed,
  done,
  isLinked,
  mark,
  open,
  type Section,
  sectionsOf,
  type Sharing,
  take,
} from './sharing.ts';
import type { WorkedOut } from './work-out.ts';

/** What was laid out, and the lines of the listing that says so, by their paths. */
export interface LaidOut extends Pick<Laid, 'files' | 'directories'> {
  readonly lines: ReadonlyMap<string, string>;
}

/** From this size on, in bytes, a listing names so many files that they are worth the attention of two threads. */
const worthIt = 512 * 1024;

const program = new URL(import.meta.url.endsWith('.ts') ? './link-beside.ts' : './link-beside.js', import.meta.url);

/** Lays out what a recipe says below `into` (absolute, made in a directory that is there), as `link` places files. */
export async function layRecipe({ base, recipe, roots }: WorkedOut, into: string, link: Link): Promise<LaidOut> {
  const { listing, sections: counts } = recipe;
  const states = new Int32Array(new SharedArrayBuffer(4 * counts.length));
  const sharing: Sharing = { listing, sections: counts, roots, into: joined(into, base), states };
  const sections = sectionsOf(sharing);
  const bench = openBench(sharing.into, link, new Set([parentOf(into)]));
  const helped = listing.length < worthIt || !hasRoomBeside() ? undefined : beside(program, sharing);
  const finish = async (): Promise<void> => {
    if (states.includes(begun)) await helped;
  };
  try {
    for (const section of sections) {
      await breathe();
      bench.prepare(section);
      // Only this thread knows how files are placed; what it placed first tells whether another one may go on with links.
      if (section.n === 0) bench.link(section);
      mark(states, section.n, section.n === 0 ? done : bench.shares() ? open : closed);
    }
    for (const section of sections.toReversed()) {
      if (states[section.n] !== closed && !take(states, section.n)) continue;
      await breathe();
      bench.link(section);
      mark(states, section.n, done);
    }
    await finish();
    for (const section of sections) if (states[section.n] !== done) bench.link(section, 'again');
  } finally {
    callOff(sharing);
    await finish();
  }
  return bench.laid;
}

function openBench(into: string, link: Link, directories: Set<string>) {
  const lines = new Map<string, string>();
  const laid: LaidOut = { files: [], directories, lines };
  let [shared, copied] = [0, 0];
  let last: string | undefined;
  const writeDown = (path: string, item: FileItem): void => {
    const to = `${into}/${path}`;
    lines.set(path, renderListing([[path, { ...item, fingerprint: withMode(to, item.mode) }]]).slice(0, -1));
    laid.files.push({ path: to, size: item.size });
  };
  return {
    laid,
    /** Whether files are placed as hard links. */
    shares: (): boolean => shared > 0 && copied === 0,
    /** Makes the directories of a section, and what is not linked. */
    prepare(section: Section): void {
      for (const line of section.lines) {
        const path = pathOf(line);
        lines.set(path, line);
        const directory = line.startsWith('d\t') ? path : parentOf(path);
        // Neighbours come together.
        if (directory !== last) makeDirectory(joined(into, directory), laid);
        last = directory;
        if (isLinked(line)) continue;
        const [, item] = parseLine(line);
        const to = `${into}/${path}`;
        if (item.type === 'link') symlinkSync(item.to, to);
        if (item.type !== 'file') continue;
        writeFileSync(to, '');
        writeDown(path, item);
      }
    },
    /** Places what is linked; `again`: part of it may be there. */
    link({ root, lines: all }: Section, again?: 'again'): void {
      for (const line of all) {
        if (!isLinked(line)) continue;
        const path = pathOf(line);
        const to = `${into}/${path}`;
        if (again) rmSync(to, { force: true });
        const isCopy = link(`${root}/${path}`, to);
        if (isCopy) writeDown(path, parseLine(line)[1] as FileItem);
        if (isCopy) copied += 1;
        else shared += 1;
      }
    },
  };
}
