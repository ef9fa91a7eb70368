import * as z from 'zod/mini';

/** Where a package comes from, when that is no index. */
const Source = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['wheel', 'archive']), url: z.string(), subdirectory: z.exactOptional(z.string()) }),
  z.object({
    kind: z.literal('git'),
    repo: z.string(),
    ref: z.exactOptional(z.string()),
    subdirectory: z.exactOptional(z.string()),
  }),
]);

/** One line of a requirements file, and its place there: `ComfyUI-Foo/requirements.txt:3`. */
export type Requirement = z.infer<typeof Requirement>;
export const Requirement = z.object({
  line: z.string(),
  where: z.string(),
  name: z.exactOptional(z.string()),
  source: z.exactOptional(Source),
  /** Why it may not be taken. An override of that name does without it. */
  refused: z.exactOptional(z.string()),
});
