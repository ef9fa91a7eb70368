import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { Failed } from '#engine';
import { lockfilePath, nameIn, parseId, versionIds, versionPath } from '../documents/ids.ts';
import { readJson } from '../documents/json.ts';
import type { Found } from './which-target.ts';

/** Throws `refused` when another version is made of this one. */
export function refuseDeleteSpec(root: string, id: string): void {
  const child = versionIds(root).find((other) => parentOf(root, other) === id);
  if (child === undefined) return;
  const what = `to delete versions/${id}.json`;
  throw new Failed({
    kind: 'refused',
    what,
    because: `versions/${child}.json extends it`,
    hint: 'leave --remove-spec out',
  });
}

function parentOf(root: string, id: string): unknown {
  try {
    return (readJson(versionPath(root, parseId(id))) as { readonly extends?: unknown }).extends;
  } catch {
    // A document that cannot be read extends nothing.
    return undefined;
  }
}

/** Deletes a version's document, its lockfile, and the copy of that in the cache. Answers the files that were there. */
export function deleteSpec({ root, id, document, paths }: Found): readonly string[] {
  const copy = join(paths.cache, 'resolved', `${id}.lock.json`);
  const files = [...(document === undefined ? [] : [document]), lockfilePath(root, parseId(id)), copy];
  const there = files.filter((file) => existsSync(file));
  for (const file of there) rmSync(file);
  return there.map((file) => nameIn(root, file));
}
