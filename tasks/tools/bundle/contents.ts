import * as z from 'zod/mini';

import { type Answer, Blob, hexOf, Sha256, Tree } from '#cache';
import { canonical } from '#engine';

/** The number of the format that is written and read here; README.md says what it is. */
export const format = 1;

/** The member that says what a bundle is. */
export const cardName = 'bundle.json';

/** What a bundle says of itself: its format, and the version it is for. */
export type Card = z.infer<typeof Card>;
export const Card = z.strictObject({ format: z.literal(format), version: z.string() });

/** An answer without what only one run knows of it: when it was built, and how long that took. */
export type PackedAnswer = z.infer<typeof PackedAnswer>;
export const PackedAnswer = z.strictObject({
  key: Sha256,
  task: z.string(),
  input: z.unknown(),
  output: z.unknown(),
});

/** The text of an answer in a bundle: the same for the same answer, on every machine. */
export const renderAnswer = ({ key, task, input, output }: Omit<Answer, 'at' | 'ms'>): string =>
  `${canonical({ key, task, input, output })}\n`;

/** The name of a document's member. No member's name is ever used as a path. */
export const nameOfDocument = (path: string): string => `documents/${path}`;

/** The name of an answer's member. */
export const nameOfAnswer = (key: string): string => `answers/${key}.json`;

/** The name of the member that lists what a directory holds. */
export const nameOfTree = (tree: Tree): string => `trees/${hexOf(tree)}`;

/** The name of the member with these bytes. */
export const nameOfFile = (sha256: string): string => `files/${sha256}`;

/** The digests that answers name, wherever they stand in their outputs, each once. */
export function digestsOf(answers: readonly { readonly output: unknown }[]): {
  readonly blobs: readonly Blob[];
  readonly trees: readonly Tree[];
} {
  const [blobs, trees] = [new Set<Blob>(), new Set<Tree>()];
  const visit = (value: unknown): void => {
    if (Blob.safeParse(value).success) blobs.add(value as Blob);
    else if (Tree.safeParse(value).success) trees.add(value as Tree);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  for (const { output } of answers) visit(output);
  return { blobs: [...blobs], trees: [...trees] };
}
