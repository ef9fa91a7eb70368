import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';

import { Sha256 } from './digest.ts';
import { isWithin } from './spans.ts';

/**
 * What is known of a file that is not whole. `source` is the SHA-256 of the address its bytes came from, `edition` the
 * validator (an ETag, or a date) that they share there, `size` that of the whole in bytes. `left`: whoever wrote it has closed it.
 */
export type PartialNote = z.infer<typeof PartialNote>;
const PartialNote = z.object({
  format: z.literal(1),
  source: Sha256,
  edition: z.exactOptional(z.string()),
  size: z.int().check(z.nonnegative()),
  spans: z.readonly(z.array(z.object({ from: z.int().check(z.nonnegative()), to: z.int() }))),
  left: z.boolean(),
});

/** The note beside a partial; undefined where there is none that can be used. */
export function readNote(path: string): PartialNote | undefined {
  try {
    const { success, data } = PartialNote.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    return success && isWithin(data.spans, data.size) ? data : undefined;
  } catch {
    return undefined;
  }
}
