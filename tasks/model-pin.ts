import * as z from 'zod/mini';

import { Sha256 } from '#cache';
import { Md5, SourceUrl } from './vocabulary.ts';

/**
 * What decides a model's bytes. `size` is in bytes; `exact` is a source that means them for ever, where its service has
 * one; `md5` was checked when they were pinned.
 */
export type ModelPin = z.infer<typeof ModelPin>;
export const ModelPin = z.object({
  sha256: Sha256,
  size: z.int(),
  exact: z.exactOptional(SourceUrl),
  md5: z.exactOptional(Md5),
});
