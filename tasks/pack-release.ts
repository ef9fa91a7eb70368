import * as z from 'zod/mini';

import { Sha256 } from '#cache';
import { NodeId, SourceUrl } from './vocabulary.ts';

/** One release of a registry pack. The registry publishes no hash: this one is ours. `size` is in bytes. */
export type PackRelease = z.infer<typeof PackRelease>;
export const PackRelease = z.object({
  id: NodeId,
  version: z.string(),
  url: SourceUrl,
  sha256: Sha256,
  size: z.int(),
  /** What the registry said of it: `active`, `pending`, `flagged`, `banned`, `deprecated`. */
  status: z.string(),
});
