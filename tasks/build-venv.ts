import * as z from 'zod/mini';

import { definePlaced } from '#engine';
import { Interpreter } from './interpreter.ts';
import { Placement } from './placement.ts';

/**
 * Writes the empty virtual environment of the target. It holds no path of the target, so it may be moved. An environment that
 * somebody else made there is kept aside whole: what it holds would be mixed with what the lockfile says.
 */
export const buildVenv = definePlaced({
  name: 'build-venv',
  revision: 1,
  resource: 'disk',
  input: z.object({ interpreter: Interpreter }),
  output: Placement,
  title: ({ interpreter }) => `Python ${interpreter.version}`,
  slot: () => 'venv',
  async run({ interpreter }, { python, site, store }) {
    const into = `${await store.scratch()}/venv`;
    await python.writeVenv({ interpreter, into });
    const tree = await store.keepTree(into);
    return site.stage({ slot: 'venv', base: '.venv', parts: [{ tree, at: '', how: 'copy' }], alone: 'always' });
  },
});
