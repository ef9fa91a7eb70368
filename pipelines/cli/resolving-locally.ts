import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { Python } from '#engine';
import type { LocalSource } from './local-source.ts';

/**
 * The same Python, for which an index may be one that this machine makes: an installer reads indexes by itself, so it is
 * shown files, and what it answers is translated back.
 */
export const resolvingLocally = (python: Python, localSource: LocalSource): Python => ({
  find: (wanted) => python.find(wanted),
  writeVenv: (what) => python.writeVenv(what),
  unpackWheel: (what) => python.unpackWheel(what),
  requirementLines: (text, from) => python.requirementLines(text, from),
  project: (text) => python.project(text),
  async resolve(what) {
    const index = what.indexUrl;
    const page = index === undefined ? undefined : await localSource(index);
    if (index === undefined || page === undefined) return python.resolve(what);
    const [indexUrl, root] = [join(page, '..'), join(page, '../..')].map((path) => pathToFileURL(path).href);
    const closure = await python.resolve({ ...what, indexUrl: indexUrl! });
    const base = index.replace(/[^/]+\/?$/, '');
    return closure.map((wheel) => ({ ...wheel, url: wheel.url.replace(`${root}/`, base) }));
  },
});
