import type * as z from 'zod/mini';

import { type Blob, type Entry, hexOf, parseManifest, sha256Of, type Tree } from '#cache';

import { parseJson } from '../http/json.ts';
import {
  Card,
  cardName,
  digestsOf,
  nameOfAnswer,
  nameOfDocument,
  nameOfFile,
  nameOfTree,
  PackedAnswer,
} from './contents.ts';
import { type OpenBundle, refuseBundle } from './open.ts';

/** Everything that a bundle holds, checked as far as it can be without reading the files. Sizes are in bytes. */
export interface Inspected {
  readonly version: string;
  /** Texts, by their paths in a project. */
  readonly documents: Readonly<Record<string, string>>;
  readonly answers: readonly PackedAnswer[];
  readonly blobs: readonly Blob[];
  readonly trees: ReadonlyMap<Tree, readonly Entry[]>;
}

/** Reads all but the files. Throws Failed (refused) unless every answer has its bytes, and nothing else is in the bundle. */
export function inspectBundle(bundle: OpenBundle, file: string): Inspected {
  const names = [...bundle.sizes.keys()];
  const { version } = parsed(bundle, cardName, file, Card);
  const keys = below('answers/', names).map((name) => name.slice(0, -'.json'.length));
  const answers = keys.map((key) => {
    const answer = parsed(bundle, nameOfAnswer(key), file, PackedAnswer);
    if (answer.key !== key) throw refuseBundle(file, `${nameOfAnswer(key)} answers another question`);
    return answer;
  });
  const { blobs, trees } = digestsOf(answers);
  const layouts = new Map(trees.map((tree) => [tree, entriesOf(bundle, tree, file)]));
  const documents = Object.fromEntries(
    below('documents/', names).map((path) => [path, bundle.text(nameOfDocument(path))]),
  );
  const files = new Set(blobs.map((blob) => nameOfFile(hexOf(blob))));
  for (const entry of [...layouts.values()].flat()) {
    if (entry.type !== 'file') continue;
    const name = nameOfFile(entry.sha256);
    if (bundle.sizes.get(name) !== entry.size) throw refuseBundle(file, `${name} is not there, or has another size`);
    files.add(name);
  }
  const known = new Set([
    cardName,
    ...Object.keys(documents).map(nameOfDocument),
    ...keys.map(nameOfAnswer),
    ...trees.map(nameOfTree),
    ...files,
  ]);
  const strange = names.find((name) => !known.has(name)) ?? [...known].find((name) => !bundle.sizes.has(name));
  if (strange !== undefined) throw refuseBundle(file, `${JSON.stringify(strange)} is in it for nothing, or is missing`);
  return { version, documents, answers, blobs, trees: layouts };
}

const below = (folder: string, names: readonly string[]): readonly string[] =>
  names.filter((name) => name.startsWith(folder)).map((name) => name.slice(folder.length));

function parsed<S extends z.ZodMiniType>(bundle: OpenBundle, name: string, file: string, schema: S): z.output<S> {
  const result = schema.safeParse(parseJson(bundle.text(name), `${name} of ${file}`));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw refuseBundle(
    file,
    `${name} is not what \`pipeline pack\` writes (${issue?.path.join('.')}: ${issue?.message})`,
  );
}

/** The longest name of a file or directory on the disks that there are, in bytes. */
const mostSegmentBytes = 255;

/** The entries of a tree, which must be what its digest says, and such that a directory can hold them. */
function entriesOf(bundle: OpenBundle, tree: Tree, file: string): readonly Entry[] {
  const text = bundle.text(nameOfTree(tree));
  if (sha256Of(text) !== hexOf(tree)) throw refuseBundle(file, `${nameOfTree(tree)} is not what its name says`);
  const entries = entriesIn(text, tree, file);
  const paths = new Set(entries.map(({ path }) => path));
  for (const { path } of entries) {
    const parts = path.split('/');
    const parents = parts.map((_, index) => parts.slice(0, index).join('/')).slice(1);
    // A file below a link would be written to wherever the link leads.
    const isBroken = path.includes('\0') || parts.some((part) => Buffer.byteLength(part) > mostSegmentBytes);
    if (isBroken || parents.some((parent) => paths.has(parent)))
      throw refuseBundle(file, `${nameOfTree(tree)} has ${JSON.stringify(path)}, which no directory can hold`);
  }
  return entries;
}

function entriesIn(text: string, tree: Tree, file: string): readonly Entry[] {
  try {
    return parseManifest(text);
  } catch (error) {
    throw refuseBundle(file, `${nameOfTree(tree)}: ${(error as Error).message}`);
  }
}
