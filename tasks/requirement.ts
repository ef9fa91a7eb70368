import * as z from 'zod';

/** Where a package comes from, when that is no index. */
const Source = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['wheel', 'archive']), url: z.string(), subdirectory: z.string().exactOptional() }),
  z.object({
    kind: z.literal('git'),
    repo: z.string(),
    ref: z.string().exactOptional(),
    subdirectory: z.string().exactOptional(),
  }),
]);

/** One line of a requirements file, and its place there: `ComfyUI-Foo/requirements.txt:3`. */
export type Requirement = z.infer<typeof Requirement>;
export const Requirement = z.object({
  line: z.string(),
  where: z.string(),
  name: z.string().exactOptional(),
  source: Source.exactOptional(),
  /** Why it may not be taken. An override of that name does without it. */
  refused: z.string().exactOptional(),
});
