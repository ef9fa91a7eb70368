import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { breathe, type Content } from '#cache';
import { type Archive, Failed } from '#engine';

import { writeFile } from '../write-file.ts';
import { unpackMember } from './contents.ts';
import { type Placed, readDirectory } from './directory.ts';
import { type Limits, limitsOf } from './member.ts';
import { shown, withoutSlash } from './names.ts';
import { findFault } from './rules.ts';

/** The tool for zip archives from outside: everything is judged before anything is written. */
export function openArchive({ signal }: { readonly signal?: AbortSignal } = {}): Archive {
  return {
    async unpack({ file, into, kind }) {
      mkdirSync(into, { recursive: true });
      if (readdirSync(into).length > 0)
        throw new Failed({ kind: 'refused', what: into, because: 'an archive is only laid out in an empty directory' });
      const archive = openSync(file, 'r');
      try {
        const members = await readMembers(archive, file, limitsOf[kind]);
        const contents = await layOut(members, { archive, file, into, signal });
        if (kind === 'node') writeTracking(into, [...contents.keys()]);
        return contents;
      } catch (error) {
        rmSync(into, { recursive: true, force: true });
        throw error;
      } finally {
        closeSync(archive);
      }
    },
  };
}

/** The list by which ComfyUI-Manager knows a registry pack. Nobody here believes it: the target's receipt decides. */
function writeTracking(into: string, paths: readonly string[]): void {
  writeFile(join(into, '.tracking'), paths.map((path) => `${path}\n`).join(''), { flag: 'wx' });
}

async function readMembers(archive: number, file: string, limits: Limits): Promise<readonly Placed[]> {
  const directory = await readDirectory(archive, fstatSync(archive).size, limits.members);
  const fault = findFault(directory.members, limits);
  if (fault) throw refused(file, fault.name, fault.because);
  if (directory.damage !== undefined) throw damaged(directory.damage, file);
  if (directory.mismatch !== undefined) throw damaged(directory.mismatch, file);
  return directory.members;
}

interface Site {
  readonly archive: number;
  readonly file: string;
  readonly into: string;
  readonly signal: AbortSignal | undefined;
}

async function layOut(
  members: readonly Placed[],
  { archive, file, into, signal }: Site,
): Promise<ReadonlyMap<string, Content>> {
  const contents: [path: string, content: Content][] = [];
  const made = new Set<string>();
  const makeDirectory = (path: string): void => {
    if (!made.has(path)) mkdirSync(path, { recursive: true });
    made.add(path);
  };
  for (const member of members) {
    if (signal?.aborted) throw new Failed({ kind: 'cancelled' });
    const path = join(into, withoutSlash(member.name));
    makeDirectory(member.isDirectory ? path : dirname(path));
    if (member.isDirectory) continue;
    const content = await unpackMember(archive, member, path).catch((error: unknown) => {
      throw damaged(error, file, member.name);
    });
    contents.push([member.name, content]);
    await breathe();
  }
  return new Map(contents.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a broken archive makes its readers throw, as a refusal. Errors of the disk and bugs stay what they are. */
function damaged(error: unknown, file: string, name?: string): unknown {
  if (!(error instanceof Error) || (error instanceof TypeError && !('code' in error))) return error;
  if ('syscall' in error) return Object.assign(error, { path: 'path' in error ? error.path : file });
  const entry = name ?? ('member' in error ? String(error.member) : undefined);
  const reason = `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
  return refused(file, entry, `it is no sound zip file (${reason})`);
}

function refused(file: string, entry: string | undefined, because: string): Failed {
  const what = entry === undefined ? file : `${file} (${shown(entry)})`;
  return new Failed({
    kind: 'refused',
    what,
    because,
    hint: 'ask its author for a clean archive, or use another version',
  });
}
