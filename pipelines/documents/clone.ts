import { existsSync } from 'node:fs';

import { Failed } from '#engine';

import { lockfilePath, nameIn, parseId, versionPath } from './ids.ts';
import { readText, valueOf } from './json.ts';
import { isCurrent, readLockfile, writeLockfile } from './lockfile.ts';
import { readVersion, versionDigest } from './version.ts';
import { existsAlready, writeNew } from './write-new.ts';

/** Which version is copied, and under which id. */
export interface Cloning {
  readonly root: string;
  readonly cwd: string;
  readonly from: string;
  readonly to: string;
  /** Whether a version of that id, and its lockfile, may be overwritten. */
  readonly force: boolean;
}

/** Copies a version under another id, with the pins of its lockfile. Answers what a person should know, in sentences. */
export function cloneVersion({ root, cwd, from, to, force }: Cloning): readonly string[] {
  const id = parseId(to);
  const { version, file, warnings } = readVersion({ root, cwd, id: from });
  const lock = readLockfile({ root, id: version.id });
  const copy = versionPath(root, id);
  if (version.id === id || file === copy)
    throw new Failed({ kind: 'usage', problem: `${from} and ${to} are one version`, hint: 'give the copy another id' });
  const lockCopy = lockfilePath(root, id);
  if (!force && lock !== undefined && existsSync(lockCopy)) throw existsAlready(nameIn(root, lockCopy));
  // What stands there and is no lockfile of ours is not overwritten by force either.
  if (lock !== undefined) readLockfile({ root, id });
  const { text, dropped } = renamed(readText(file), nameIn(root, file), id);
  writeNew(copy, text, { name: nameIn(root, copy), force });
  const said = [...warnings, `Wrote ${nameIn(root, copy)}`];
  if (dropped) said.push(`Its \`target\` is left out: ${version.target} is that of ${version.id}`);
  if (lock === undefined) return said;
  const pins = isCurrent(lock, version) ? { version_digest: versionDigest({ ...version, id }) } : {};
  const written = nameIn(root, writeLockfile({ ...lock, ...pins, version_id: id }, { root }));
  return [...said, `Wrote ${written}: the same pins as ${version.id}`];
}

/** A document under another id and without its own target, laid out as it was where that can be kept. */
function renamed(text: string, name: string, id: string): { readonly text: string; readonly dropped: boolean } {
  const { target, ...document } = valueOf(text, name) as Readonly<Record<string, unknown>>;
  const key = 'version_id' in document || !('id' in document) ? 'version_id' : 'id';
  const wanted = { ...(key in document ? {} : { [key]: id }), ...document, [key]: id };
  const edited = text
    .replace(new RegExp(`^(\\s*\\{?\\s*"${key}"\\s*:\\s*)"[^"]*"`, 'm'), `$1${JSON.stringify(id)}`)
    .replace(/^\s*"target"\s*:\s*"(?:[^"\\]|\\.)*"\s*,\s*?(?:\n|(?=\S))/m, '');
  const kept = isSame(edited, name, wanted) ? edited : `${JSON.stringify(wanted, null, 2)}\n`;
  return { text: kept, dropped: target !== undefined && target !== null && target !== '' };
}

function isSame(text: string, name: string, wanted: unknown): boolean {
  try {
    return JSON.stringify(valueOf(text, name)) === JSON.stringify(wanted);
  } catch {
    return false;
  }
}
