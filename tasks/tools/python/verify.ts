import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Failed } from '#engine';

import { fileDigest } from './file-digest.ts';
import type { Parts } from './layout.ts';
import { parseRecord, recordHash, type RecordLine } from './record.ts';
import type { WheelName } from './wheel-name.ts';

/** Throws `integrity` unless the file at `path` is the wheel that was pinned. */
export async function demandDigest(path: string, { filename }: WheelName, sha256: string): Promise<void> {
  const { digest } = await fileDigest(path);
  if (digest !== sha256) throw new Failed({ kind: 'integrity', what: filename, expected: sha256, actual: digest });
}

/**
 * Holds an unpacked wheel against its own RECORD and answers one line for each of its files, all with SHA-256 and size.
 * Throws `refused`, naming the file, where they differ, and on a wheel of another format than 1.
 */
export async function verifyUnpacked(
  root: string,
  { files, parts, wheel }: { readonly files: readonly string[]; readonly parts: Parts; readonly wheel: WheelName },
): Promise<ReadonlyMap<string, RecordLine>> {
  const refuse = (because: string): never => {
    throw new Failed({ kind: 'refused', what: wheel.filename, because, hint: 'report it to whoever publishes it' });
  };
  const headers = readFileSync(join(root, parts.distInfo, 'WHEEL'), 'utf8');
  if (!/^Wheel-Version:\s*1\.\d+\s*$/m.test(headers))
    refuse('it is of a format that is not known (Wheel-Version is not 1)');
  const record = recordOf(join(root, parts.distInfo, 'RECORD'), refuse);
  const unhashed = new Set(['', '.jws', '.p7s'].map((suffix) => `${parts.distInfo}/RECORD${suffix}`));
  const lines = new Map<string, RecordLine>();
  for (const path of files) {
    const claimed = record.get(path);
    record.delete(path);
    const [algorithm = ''] = claimed?.hash?.split('=') ?? [];
    const actual = await recordHash(join(root, path), /^sha(?:256|384|512)$/.test(algorithm) ? algorithm : 'sha256');
    const same = claimed?.hash?.replace(/=+$/, '') === actual.hash && (claimed.size ?? actual.size) === actual.size;
    if (!same && !unhashed.has(path))
      refuse(claimed === undefined ? `its RECORD lacks ${path}` : `${path} is not what its RECORD says`);
    lines.set(path, { path, ...(algorithm === 'sha256' ? actual : await recordHash(join(root, path))) });
  }
  for (const path of record.keys()) if (!unhashed.has(path)) refuse(`its RECORD lists ${path}, which it lacks`);
  return lines;
}

function recordOf(file: string, refuse: (because: string) => never): Map<string, RecordLine> {
  try {
    const lines = parseRecord(readFileSync(file, 'utf8'));
    return new Map(lines.map((line) => [line.path, line]));
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}
