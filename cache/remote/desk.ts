import type { Store } from '../store.ts';
import type { Author, Signer } from './keys.ts';
import type { Line } from './line.ts';
import { mostRecordBytes, nameOfPacking, Packing, parseRecord, pathOfRecord, RemoteAnswer } from './record.ts';
import type { Answer } from '../results.ts';
import type { Tree } from '../digest.ts';

/** Where everything lies that concerns one remote during a run. */
export interface Desk {
  readonly line: Line;
  readonly store: Store;
  /** Whose records are believed, in this order. */
  readonly authors: readonly Author[];
  /** Who signs what is sent. */
  readonly signer?: Signer;
  readonly signal: AbortSignal;
  /** Says something of the remote, once. */
  readonly say: (text: string) => void;
  /** Paths of objects that came and were not what they should be: they are there, and sent anew all the same. */
  readonly bad: Set<string>;
}

/** The answer to a key, by the first author who has a good one. */
export const findAnswer = (desk: Desk, key: string): Promise<Answer | undefined> =>
  first(
    desk,
    desk.authors,
    (text, by) => {
      const answer = parseRecord(text, { name: key, by, schema: RemoteAnswer });
      return answer?.key === key ? answer : undefined;
    },
    key,
  );

/** How a tree travels, by the first of these authors who has a good record of it. */
export const findPacking = (desk: Desk, tree: Tree, authors = desk.authors): Promise<Packing | undefined> => {
  const name = nameOfPacking(tree);
  return first(
    desk,
    authors,
    (text, by) => {
      const packing = parseRecord(text, { name, by, schema: Packing });
      return packing?.tree === tree ? packing : undefined;
    },
    name,
  );
};

async function first<T>(
  { line, say }: Desk,
  authors: readonly Author[],
  parse: (text: string, by: Author) => T | undefined,
  name: string,
): Promise<T | undefined> {
  for (const by of authors) {
    const text = await line.text(pathOfRecord(name, by), mostRecordBytes);
    if (text === undefined) continue;
    const content = parse(text, by);
    if (content !== undefined) return content;
    say('has a record that is damaged, or not signed by the one it is kept for: it counts as missing');
  }
  return undefined;
}
