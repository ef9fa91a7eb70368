import * as z from 'zod/mini';

import { type Blob, blobOf, Sha256 } from '#cache';
import type { Tools } from '#engine';
import { SourceUrl } from './vocabulary.ts';

/** A file that is known by its hash, and where it can be had. `size` is in bytes. */
export type PinnedFile = z.infer<typeof PinnedFile>;
export const PinnedFile = z.object({
  sources: z.array(SourceUrl).check(z.minLength(1)),
  sha256: Sha256,
  size: z.exactOptional(z.int().check(z.nonnegative())),
});

/** The bytes of a pinned file: from the store when they are there, else from the first source that gives them. */
export async function fetchPinned({ sources: from, ...known }: PinnedFile, { store, http }: Tools): Promise<Blob> {
  const blob = blobOf(known.sha256);
  if (await store.has(blob)) return blob;
  const to = `${await store.scratch()}/file`;
  const fetched = await http.download({ from, to, ...known });
  return store.keepFile(to, fetched);
}
