import { linkSync } from 'node:fs';

import type { Run } from '#cache';
import { pathOf } from './listing.ts';
import { closed, done, isLinked, mark, sectionsOf, type Sharing, take } from './sharing.ts';

/** Makes the links of every section that nobody has begun with, in their order: of each, as soon as its directories are there. Throws what the disk says. */
export const run: Run<Sharing, never> = (sharing) => {
  for (const { n, root, lines } of sectionsOf(sharing)) {
    Atomics.wait(sharing.states, n, closed);
    if (!take(sharing.states, n)) continue;
    for (const line of lines) {
      if (!isLinked(line)) continue;
      const path = pathOf(line);
      linkSync(`${root}/${path}`, `${sharing.into}/${path}`);
    }
    mark(sharing.states, n, done);
  }
};
