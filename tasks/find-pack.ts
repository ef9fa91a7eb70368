import * as z from 'zod/mini';

import { defineQuestion } from '#engine';
import { NodeId } from './vocabulary.ts';

/** A pack of the registry, or null when it has none such. */
export type FoundPack = z.infer<typeof FoundPack>;
export const FoundPack = z.nullable(z.object({ id: NodeId, repository: z.exactOptional(z.string()) }));

/** Asks the registry which pack has an id, or a class of nodes: workflows often name nothing but their classes. */
export const findPack = defineQuestion({
  name: 'find-pack',
  revision: 1,
  resource: 'network',
  input: z.object({ by: z.enum(['id', 'class']), name: z.string().check(z.minLength(1)) }),
  output: FoundPack,
  about: ({ by, name }) => `${by} ${name}`,
  title: ({ by, name }) => (by === 'id' ? `Pack ${name}` : `The pack that has ${name}`),
  run: async ({ by, name }, { registry }) =>
    (await registry.pack(by === 'id' ? { id: name } : { class: name })) ?? null,
});
