import * as z from 'zod/mini';

import { Tree } from '#cache';
import { defineTask, Failed } from '#engine';
import { NodeName } from './vocabulary.ts';

/** Takes a custom node from a directory of this machine, as the lockfile saw it. */
export const snapshotNode = defineTask({
  name: 'snapshot-node',
  revision: 1,
  resource: 'disk',
  input: z.object({ name: NodeName, path: z.string(), tree: Tree }),
  output: z.object({ source: Tree, version: z.string() }),
  about: ({ name }) => name,
  title: ({ name, path }) => `${name} from ${path}`,
  identity: ({ tree }) => ({ tree }),
  fits: ({ tree }, { source }) => source === tree,
  async run({ name, path, tree }, { store }) {
    const source = (await store.has(tree)) ? tree : await store.snapshot(path);
    if (source !== tree)
      throw new Failed({
        kind: 'integrity',
        what: `The directory of ${name}`,
        expected: tree,
        actual: source,
        hint: `it changed since the lockfile was written: run \`pipeline validate --update ${name}\``,
      });
    return { source, version: 'local' };
  },
});
