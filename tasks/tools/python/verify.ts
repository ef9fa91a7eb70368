import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Content } from '#cache';
import { Failed } from '#engine';

import { fileDigest } from './file-digest.ts';
import type { Parts } from './layout.ts';
import { parseRecord, type RecordLine, recordOf } from './record.ts';
import type { WheelName } from './wheel-name.ts';

/** Throws `integrity` unless the file at `path` is the wheel that was pinned. */
export async function demandDigest(path: string, { filename }: WheelName, sha256: string): Promise<void> {
  const { digest } = await fileDigest(path);
  if (digest !== sha256) throw new Failed({ kind: 'integrity', what: filename, expected: sha256, actual: digest });
}

/**
 * Holds an unpacked wheel, of which `contents` are the files, against its own RECORD. Throws `refused`, naming the file, where they
 * differ, and on a wheel of another format than 1.
 */
export async function verifyUnpacked(
  root: string,
  {
    contents,
    parts,
    wheel,
  }: { readonly contents: ReadonlyMap<string, Content>; readonly parts: Parts; readonly wheel: WheelName },
): Promise<void> {
  const refuse = (because: string): never => {
    throw new Failed({ kind: 'refused', what: wheel.filename, because, hint: 'report it to whoever publishes it' });
  };
  const headers = readFileSync(join(root, parts.distInfo, 'WHEEL'), 'utf8');
  if (!/^Wheel-Version:\s*1\.\d+\s*$/m.test(headers))
    refuse('it is of a format that is not known (Wheel-Version is not 1)');
  const record = readRecord(join(root, parts.distInfo, 'RECORD'), refuse);
  const unhashed = new Set(['', '.jws', '.p7s'].map((suffix) => `${parts.distInfo}/RECORD${suffix}`));
  for (const [path, content] of contents) {
    const claimed = record.get(path);
    record.delete(path);
    if (unhashed.has(path)) continue;
    if (claimed === undefined) return refuse(`its RECORD lacks ${path}`);
    const isSame =
      (claimed.size ?? content.size) === content.size && (await isHash(join(root, path), claimed, content));
    if (!isSame) refuse(`${path} is not what its RECORD says`);
  }
  for (const path of record.keys()) if (!unhashed.has(path)) refuse(`its RECORD lists ${path}, which it lacks`);
}

/** Whether a RECORD's hash of the file at `path`, in which `content` is, is right. Of an algorithm that is weak or not known none is. */
async function isHash(path: string, { hash = '' }: RecordLine, content: Content): Promise<boolean> {
  const claimed = hash.replace(/=+$/, '');
  const [algorithm = ''] = hash.split('=');
  if (!/^sha(?:384|512)$/.test(algorithm)) return claimed === recordOf(content).hash;
  const { digest } = await fileDigest(path, algorithm, 'base64url');
  return claimed === `${algorithm}=${digest}`;
}

function readRecord(file: string, refuse: (because: string) => never): Map<string, RecordLine> {
  try {
    const lines = parseRecord(readFileSync(file, 'utf8'));
    return new Map(lines.map((line) => [line.path, line]));
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}
