import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

import { breathe } from './breathe.ts';
import { diskError, withPath } from './disk-error.ts';

const chunkBytes = 1024 * 1024;

/**
 * Reads a file of `size` bytes in parts, from `start` up to `end`, each once and in order. The last bytes are held back until
 * all of them hash to `sha256`: who takes them has the right ones, or none. Throws the disk's faults, and `EIO` for other bytes.
 */
export function checkedFile(path: string, { sha256, size }: { readonly sha256: string; readonly size: number }) {
  const hash = createHash('sha256');
  return async function* read(start = 0, end = size): AsyncGenerator<Uint8Array, void> {
    const file = openSync(path, 'r');
    try {
      for (let at = start; at < end;) {
        // A buffer of its own: it is still on its way when the next one is filled.
        const chunk = Buffer.allocUnsafeSlow(Math.min(chunkBytes, end - at));
        const length = readSync(file, chunk, 0, chunk.length, at);
        if (length === 0) throw diskError('EIO', path, 'the file is shorter than it was');
        hash.update(chunk.subarray(0, length));
        at += length;
        if (at === size && hash.copy().digest('hex') !== sha256)
          throw diskError('EIO', path, 'the file is not what it was');
        yield chunk.subarray(0, length);
        await breathe();
      }
    } catch (error) {
      throw withPath(error, path);
    } finally {
      closeSync(file);
    }
  };
}
