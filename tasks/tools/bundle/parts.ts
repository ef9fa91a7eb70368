import { statSync } from 'node:fs';
import { join } from 'node:path';

import { type Answer, hexOf, renderManifest, type Results, type Store } from '#cache';
import { canonical, Failed } from '#engine';

import {
  type Card,
  cardName,
  digestsOf,
  format,
  nameOfAnswer,
  nameOfDocument,
  nameOfFile,
  nameOfTree,
  renderAnswer,
} from './contents.ts';

/** What the writer and the reader of bundles work with. */
export interface Bundling {
  readonly store: Store;
  readonly results: Results;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** What goes into a bundle: `documents` by their paths in the project, `keys` of the answers. */
export interface Wanted {
  readonly to: string;
  readonly version: string;
  readonly documents: Readonly<Record<string, string>>;
  readonly keys: readonly string[];
}

/** One member to be written: a text, or a file that must still hash to `sha256`. */
export type Part = { readonly name: string; readonly text: string } | FilePart;

/** A stored file. `size` is in bytes. */
export interface FilePart {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly size: number;
}

/** Everything that a bundle holds, sorted by name. Throws Failed (absent) when the cache lacks any of it. */
export async function partsOf(
  { version, documents, keys }: Wanted,
  { store, results }: Bundling,
): Promise<readonly Part[]> {
  const answers: Answer[] = [];
  for (const key of new Set(keys)) {
    const answer = await results.lookup(key);
    if (answer === undefined) throw new Failed({ kind: 'absent', what: `The answer ${key} in the cache` });
    answers.push(answer);
  }
  const { blobs, trees } = digestsOf(answers);
  for (const digest of [...blobs, ...trees])
    if (!(await store.proves(digest))) throw new Failed({ kind: 'absent', what: `${digest} in the cache` });
  const files = new Map<string, Part>();
  const add = (sha256: string, file: string, size: number): unknown =>
    files.has(sha256) || files.set(sha256, { name: nameOfFile(sha256), file, sha256, size });
  for (const blob of blobs) add(hexOf(blob), store.pathOf(blob), statSync(store.pathOf(blob)).size);
  const manifests: Part[] = [];
  for (const tree of trees) {
    const entries = await store.entries(tree);
    manifests.push({ name: nameOfTree(tree), text: renderManifest(entries) });
    for (const entry of entries)
      if (entry.type === 'file') add(entry.sha256, join(store.pathOf(tree), entry.path), entry.size);
  }
  const card: Card = { format, version };
  const parts: readonly Part[] = [
    { name: cardName, text: `${canonical(card)}\n` },
    ...Object.entries(documents).map(([path, text]) => ({ name: nameOfDocument(path), text })),
    ...answers.map((answer) => ({ name: nameOfAnswer(answer.key), text: renderAnswer(answer) })),
    ...manifests,
    ...files.values(),
  ];
  return parts.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
