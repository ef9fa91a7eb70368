import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

import { Sha256, sha256Of } from './digest.ts';
import { bestEffort } from './disk-error.ts';
import { renderSeenFile, stillAsSeen } from './fingerprint.ts';
import { openTemps } from './temps.ts';

/** The hashes of files that others own, so that a large one is not read in every run. */
export interface KnownHashes {
  /** The hash that a file (no link) has, when it looks as it did when it was read. Looks only. */
  recall(path: string): Sha256 | undefined;
  /** Its hash; `read` is asked for it when the file looks different, or was never read. */
  hash(path: string, read: () => Promise<string>): Promise<string>;
}

/** One file, by its path: what it looked like before it was read, and what it held. */
const Known = z.object({ format: z.literal(1), path: z.string(), seen: z.string(), sha256: Sha256 });

/** A file that was written so short a time ago, in milliseconds, may change once more and look the same. */
const settledMs = 2_000;

/** Known hashes as small files in `directory`. Losing one costs reading a file again. */
export function openKnownHashes(directory: string): KnownHashes {
  const temps = openTemps(join(directory, 'tmp'));
  const noteOf = (path: string): string => join(directory, `${sha256Of(path).slice(0, 32)}.json`);
  const recall = (path: string): Sha256 | undefined => {
    try {
      const known = Known.parse(JSON.parse(readFileSync(noteOf(path), 'utf8')));
      return known.path === path && stillAsSeen(path, known.seen) ? known.sha256 : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    recall,
    async hash(path, read) {
      const known = recall(path);
      if (known !== undefined) return known;
      const stat = lstatSync(path, { bigint: true });
      const sha256 = await read();
      const seen = renderSeenFile(stat);
      // Nobody knows what it held when it looked different in between.
      if (stillAsSeen(path, seen) && Date.now() - Number(stat.mtimeMs) > settledMs)
        bestEffort(() => temps.write(noteOf(path), JSON.stringify({ format: 1, path, seen, sha256 })));
      return sha256;
    },
  };
}
