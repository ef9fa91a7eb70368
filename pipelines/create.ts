import { definePipeline, type Step } from '#engine';
import { findPack, type FoundPack } from '../tasks/find-pack.ts';
import { gatherPacks } from '../tasks/gather-packs.ts';

/** What a workflow leaves open. */
export interface CreateFacts {
  readonly classes: readonly string[];
  readonly ids: readonly string[];
}

/** Asks the registry what a workflow does not say. Everything else about making a version is reading files. */
export const create = definePipeline({
  name: 'create',
  summary: 'Write a version: from flags, or from what there is already',

  read: (facts: CreateFacts) => facts,

  plan: ({ classes, ids }): Step<{ readonly packs: readonly FoundPack[] }> =>
    gatherPacks({
      packs: [
        ...classes.map((name) => findPack({ by: 'class', name })),
        ...ids.map((name) => findPack({ by: 'id', name })),
      ],
    }),
});
