import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { isSha256 } from './digest.ts';
import { codeOf } from './disk-error.ts';
import type { Records } from './records.ts';
import { openTemps } from './temps.ts';

/** Records as small files, `<directory>/<aa>/<key>.json`. Safe where processes share it: each is replaced whole, by a rename. */
export function fileRecords(directory: string): Records {
  const temps = openTemps(join(directory, 'tmp'));
  const pathOf = (key: string): string => join(directory, key.slice(0, 2), `${key}.json`);
  const read = (key: string): string | undefined => {
    if (!isSha256(key)) return undefined;
    try {
      return readFileSync(pathOf(key), 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  };
  return {
    read,
    get: async (key) => read(key),
    async set(key, text) {
      if (!isSha256(key)) throw new TypeError('A key is 64 lower-case hex characters');
      await temps.sweep();
      // Not flushed: what a power cut takes of it is a miss. The bytes it speaks of were flushed before.
      temps.write(pathOf(key), text);
      return true;
    },
    async delete(key) {
      rmSync(pathOf(key), { force: true });
      return true;
    },
    async clear() {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
