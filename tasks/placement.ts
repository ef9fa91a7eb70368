import * as z from 'zod/mini';

/** What a slot of the target holds: `digest` is over everything wanted in it, so equal means nothing differs. */
export type Placement = z.infer<typeof Placement>;
export const Placement = z.object({ slot: z.string(), digest: z.string(), files: z.int() });
