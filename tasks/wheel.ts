import * as z from 'zod';

import { Sha256 } from '#cache';
import { SourceUrl, WheelFilename } from './vocabulary.ts';

/** One wheel of a closure, pinned. `wanted_by` names who asks for it: `core`, a node, another package. */
export type Wheel = z.infer<typeof Wheel>;
export const Wheel = z.object({
  name: z.string(),
  version: z.string(),
  filename: WheelFilename,
  url: SourceUrl,
  sha256: Sha256,
  size: z.int().exactOptional(),
  wanted_by: z.array(z.string()),
});
