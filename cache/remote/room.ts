import { statfsSync } from 'node:fs';

/** Bytes that stay free: a cache that filled the disk would fail the build. */
const spareBytes = 64 * 1024 * 1024;

/** Throws when the volume of `path` (which is there) has no room for so many bytes more. */
export function assertRoom(path: string, bytes: number): void {
  const { bavail, bsize, blocks } = statfsSync(path);
  // A volume that answers zero blocks knows nothing of its size.
  if (blocks !== 0 && bavail * bsize < bytes + spareBytes) throw new Error(`there is no room here for ${bytes} bytes`);
}
