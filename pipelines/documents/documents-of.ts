import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';

import { Failed } from '#engine';
import { RelativePath } from '../../tasks/vocabulary.ts';
import { readChain } from './extends.ts';
import { lockfilePath, nameIn, parseId } from './ids.ts';
import { readText, valueOf } from './json.ts';

/** Whether a path is one of a document that a project has: `versions/demo.json`, `lockfiles/demo.lock.json`. */
export const isDocumentPath = (path: string): boolean =>
  /^(?:versions|lockfiles)\/.+\.json$/.test(path) && RelativePath.safeParse(path).success;

/** The texts of everything that a version is read from, and of its lockfile, by their paths in the project. */
export function documentsOf({ root, file, id }: { readonly root: string; readonly file: string; readonly id: string }) {
  const chain = readChain({ root, cwd: root }, file, { problems: [], warnings: [] });
  const files = chain.flatMap(({ place }) => {
    const document = resolve(root, place.file);
    return [document, ...lockNamedIn(document, root)];
  });
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

/** A document of generation 1 names the lock that it is made of. */
function lockNamedIn(document: string, root: string): readonly string[] {
  const value = valueOf(readText(document), nameIn(root, document));
  const lock = typeof value === 'object' && value !== null && 'lock' in value ? value.lock : undefined;
  const file = typeof lock === 'string' ? resolve(root, lock) : undefined;
  return file !== undefined && existsSync(file) ? [file] : [];
}
