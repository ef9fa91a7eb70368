import { relative, resolve } from 'node:path';

import { Failed } from '#engine';
import { RelativePath } from '../../tasks/vocabulary.ts';
import { readChain } from './extends.ts';
import { lockfilePath, nameIn, parseId } from './ids.ts';
import { readText } from './json.ts';

/** Whether a path is one of a document that a project has: `versions/demo.json`, `lockfiles/demo.lock.json`. */
export const isDocumentPath = (path: string): boolean =>
  /^(?:versions|lockfiles)\/.+\.json$/.test(path) && RelativePath.safeParse(path).success;

/** The texts of everything that a version is read from, and of its lockfile, by their paths in the project. */
export function documentsOf({ root, file, id }: { readonly root: string; readonly file: string; readonly id: string }) {
  const chain = readChain({ root, cwd: root }, file, { problems: [], warnings: [] });
  // A document of generation 1 names the lock that it is made of.
  const files = chain.flatMap(({ place, locks = [] }) => [resolve(root, place.file), ...locks.slice(-1)]);
  const texts = [...new Set([...files, lockfilePath(root, parseId(id))])].map((document) => {
    const path = relative(root, document);
    if (!isDocumentPath(path))
      throw new Failed({
        kind: 'refused',
        what: nameIn(root, document),
        because: 'it is neither below versions/ nor below lockfiles/, so another project has no place for it',
        hint: 'move it there',
      });
    return [path, readText(document, path)] as const;
  });
  return Object.fromEntries(texts);
}
