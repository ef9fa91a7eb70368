import * as z from 'zod/mini';

/** A Python of this machine: its real path, `3.11.7`, `cpython-311`, `linux-x86_64`. */
export type Interpreter = z.infer<typeof Interpreter>;
export const Interpreter = z.object({
  path: z.string(),
  version: z.string(),
  cacheTag: z.string(),
  platform: z.string(),
});
