import * as z from 'zod';

import { Sha256 } from '#cache';
import { GitCommit, GitRef, GitUrl, RelativePath, SourceUrl, WheelFilename } from './vocabulary.ts';

const named = { name: z.string(), version: z.string() };

/** A wheel, pinned. `size` is in bytes. */
const pinned = { filename: WheelFilename, url: SourceUrl, sha256: Sha256, size: z.int().exactOptional() };

/** A source that a wheel is built from, pinned: an archive, or a commit. `subdirectory` is where the package is in it. */
export type SourcePin = z.infer<typeof SourcePin>;
export const SourcePin = z.union([
  z.object({
    url: SourceUrl,
    sha256: Sha256,
    size: z.int().exactOptional(),
    subdirectory: RelativePath.exactOptional(),
  }),
  z.object({
    repo: GitUrl,
    commit: GitCommit,
    ref: GitRef.exactOptional(),
    subdirectory: RelativePath.exactOptional(),
  }),
]);

/** One package of a closure: a wheel, or a source with the wheels that building it takes. `wanted_by` names who asks for it. */
export type Wheel = z.infer<typeof Wheel>;
export const Wheel = z.union([
  z.object({ ...named, ...pinned, wanted_by: z.array(z.string()) }),
  z.object({
    ...named,
    source: SourcePin,
    build: z.array(z.object({ ...named, ...pinned })),
    wanted_by: z.array(z.string()),
  }),
]);
