import * as z from 'zod/mini';

import { Blob, Sha256 } from '#cache';

/** One layer of an image: its file, packed; `diff` is the SHA-256 of the tar in it, `size` is in bytes. */
export type ImageLayer = z.infer<typeof ImageLayer>;
export const ImageLayer = z.object({
  file: Blob,
  size: z.int(),
  diff: Sha256,
  mediaType: z.string(),
  about: z.string(),
});

/** The image that another one is made upon. `programs` are the Pythons in it, absolute paths. */
export type BaseImage = z.infer<typeof BaseImage>;
export const BaseImage = z.object({
  config: z.record(z.string(), z.unknown()),
  layers: z.array(ImageLayer),
  programs: z.array(z.string()),
  digest: z.string(),
});

const Kept = z.object({ file: Blob, size: z.int() });

/** An image, every part of it in the store. */
export type Image = z.infer<typeof Image>;
export const Image = z.object({ manifest: Kept, config: Kept, layers: z.array(ImageLayer) });

/** What became of an image where it was written to. `bytes` are those that were not there yet. */
export const Written = z.object({ digest: z.string(), sent: z.int(), there: z.int(), bytes: z.int() });

/** How layers are packed. */
export const Compression = z.enum(['gzip', 'zstd', 'none']);

/** A path in an image, without a leading slash. */
export const ImagePath = z.string();
