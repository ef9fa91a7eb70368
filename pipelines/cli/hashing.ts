import { hashFile } from '#cache';
import type { Around } from './around.ts';
import { formatBytes } from './render/format-bytes.ts';
import { safeText } from './safe-text.ts';
import { secretsIn } from './secrets.ts';

/** Files of fewer bytes take no time worth a line. */
const long = 1_000_000_000;

/** Yields the SHA-256 of a file, in hex; on stderr it says when that takes a while. */
export function hashing({ environment, stderr, signal }: Around) {
  const safe = safeText(secretsIn(environment));
  return async ({
    path,
    file,
    size,
  }: {
    readonly path: string;
    readonly file: string;
    readonly size: number;
  }): Promise<string> => {
    signal.throwIfAborted();
    if (size >= long) stderr.write(safe(`Hashing ${path} (${formatBytes(size)})\n`));
    return (await hashFile(file)).sha256;
  };
}
