import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

import { Failed } from '#engine';

const bufferBytes = 1024 * 1024;

/** Hex digest and size in bytes of a file of this machine. `onRead` hears how much was read. Throws Failed (cancelled). */
export async function digestOf(
  path: string,
  algorithm: 'sha256' | 'md5',
  { signal, onRead = () => {} }: { readonly signal: AbortSignal; readonly onRead?: (done: number) => void },
): Promise<{ readonly digest: string; readonly size: number }> {
  const hash = createHash(algorithm);
  const buffer = Buffer.allocUnsafe(bufferBytes);
  await using file = await open(path);
  for (let size = 0; ;) {
    if (signal.aborted) throw new Failed({ kind: 'cancelled' });
    const { bytesRead } = await file.read(buffer, 0, bufferBytes, size);
    if (bytesRead === 0) return { digest: hash.digest('hex'), size };
    hash.update(buffer.subarray(0, bytesRead));
    size += bytesRead;
    onRead(size);
  }
}
