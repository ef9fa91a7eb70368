import * as z from 'zod/mini';

import { Sha256, Tree } from '#cache';
import { defineQuestion } from '#engine';
import { GitPin } from './git-pin.ts';
import { ModelPin } from './model-pin.ts';
import { PackRelease } from './pack-release.ts';
import { GitUrl } from './vocabulary.ts';
import { Wheel } from './wheel.ts';

/** Where a node's bytes are: one of the three, whatever its kind. */
const NodePin = z.object({
  git: z.exactOptional(GitPin),
  /** Where git finds it, when only the registry could say. */
  repo: z.exactOptional(GitUrl),
  release: z.exactOptional(PackRelease),
  snapshot: z.exactOptional(z.object({ source: Tree })),
  /** What its `pyproject.toml` calls it: the name of its directory, when it came from the registry. */
  asks: z.object({ project: z.exactOptional(z.string()) }),
});

/** Everything a lockfile pins, in the order of the version's document. */
export type Pins = z.infer<typeof Pins>;
export const Pins = z.object({
  core: GitPin,
  nodes: z.array(NodePin),
  /** One for each kind of machine that the version is locked for. */
  closures: z.array(z.object({ asked: z.exactOptional(Sha256), wheels: z.array(Wheel) })),
  models: z.array(ModelPin),
});

/** Waits for every answer about today, so that the lockfile is written from all of them or not at all. */
export const gatherPins = defineQuestion({
  name: 'gather-pins',
  revision: 1,
  resource: 'cpu',
  input: Pins,
  output: Pins,
  title: () => 'Everything is pinned',
  run: async (pins) => pins,
});
