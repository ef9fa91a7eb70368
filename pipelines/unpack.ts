import { definePipeline } from '#engine';
import { readBundle } from '../tasks/read-bundle.ts';

/** Fills the cache of a machine that sees no network. `from` is an absolute path. */
export const unpack = definePipeline({
  name: 'unpack',
  summary: 'Fill the cache, and the project, from a file that `pipeline pack` wrote',

  read: (facts: { readonly from: string }) => facts,

  plan: (facts) => readBundle(facts),
});
