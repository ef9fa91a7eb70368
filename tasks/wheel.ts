import * as z from 'zod/mini';

import { Sha256 } from '#cache';
import { GitCommit, GitRef, GitUrl, RelativePath, SourceUrl, WheelFilename } from './vocabulary.ts';

const named = { name: z.string(), version: z.string() };

/** A wheel, pinned. `size` is in bytes. */
const pinned = { filename: WheelFilename, url: SourceUrl, sha256: Sha256, size: z.exactOptional(z.int()) };

const subdirectory = z.exactOptional(RelativePath);

/** A source archive, pinned. `subdirectory` is where the package is in it. */
const ArchivePin = z.object({ url: SourceUrl, sha256: Sha256, size: z.exactOptional(z.int()), subdirectory });

/** A commit to build from. */
const CommitPin = z.object({ repo: GitUrl, commit: GitCommit, ref: z.exactOptional(GitRef), subdirectory });

/** A source that a wheel is built from, pinned: an archive, or a commit. */
export type SourcePin = z.infer<typeof SourcePin>;
export const SourcePin = z.union([ArchivePin, CommitPin]);

const built = {
  build: z.readonly(z.array(z.object({ ...named, ...pinned }))),
  wanted_by: z.readonly(z.array(z.string())),
};

/** One package of a closure: a wheel, or a source with the wheels that building it takes. `wanted_by` names who asks for it. */
export type Wheel = z.infer<typeof Wheel>;
export const Wheel = z.discriminatedUnion('kind', [
  z.object({
    kind: z.exactOptional(z.literal('wheel')),
    ...named,
    ...pinned,
    wanted_by: z.readonly(z.array(z.string())),
  }),
  z.object({ kind: z.literal('archive'), ...named, source: ArchivePin, ...built }),
  z.object({ kind: z.literal('git'), ...named, source: CommitPin, ...built }),
]);
