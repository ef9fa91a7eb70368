import * as z from 'zod/mini';

import { Sha256, sha256Of, Tree } from '../digest.ts';
import type { Answer } from '../results.ts';
import { type Author, isSigned, type Signer } from './keys.ts';

/** The number of the format of records that is written and read here; README.md says what it is. */
const format = 1;

/** The longest record that is read, in bytes. */
export const mostRecordBytes = 1024 * 1024;

/** How a tree travels: the hash and size of its packed bytes, and how many bytes of files are in it. */
export type Packing = z.infer<typeof Packing>;
export const Packing = z.strictObject({
  tree: Tree,
  sha256: Sha256,
  size: z.int().check(z.nonnegative()),
  unpacked: z.int().check(z.nonnegative()),
});

/** What a remote records: the answer to a key. */
export const RemoteAnswer = z.strictObject({
  key: Sha256,
  task: z.string(),
  input: z.unknown(),
  output: z.unknown(),
  at: z.iso.datetime(),
  ms: z.number(),
}) satisfies z.ZodMiniType<Answer>;

const Envelope = z.strictObject({
  format: z.literal(format),
  /** The record, as the text that was signed. */
  record: z.string(),
  signature: z.exactOptional(z.string()),
});

/** The name under `ac/` of how a tree travels. It never is the key of a question: those hash JSON. */
export const nameOfPacking = (tree: Tree): string => sha256Of(`how ${tree} travels`);

/** Where an author's record of this name is: each has a prefix of his own. */
export const pathOfRecord = (name: string, by: Author): string =>
  by === 'anybody' ? `ac/${name}` : `${by}/ac/${name}`;

/** Where the bytes with this hash are. They are everybody's: their name proves them. */
export const pathOfBytes = (sha256: string): string => `cas/${sha256}`;

/** A record's text, signed when there is a signer. */
export function renderRecord(name: string, content: unknown, signer: Signer | undefined): string {
  const record = JSON.stringify(content);
  const signed = signer && { signature: signer.sign(whatIsSigned(name, record)) };
  return `${JSON.stringify({ format, record, ...signed })}\n`;
}

/** The content of an author's record; nothing for what is not whole, not of `schema`, or not signed by that author. */
export function parseRecord<S extends z.ZodMiniType>(
  text: string,
  { name, by, schema }: { readonly name: string; readonly by: Author; readonly schema: S },
): z.output<S> | undefined {
  const envelope = Envelope.safeParse(json(text));
  if (!envelope.success) return undefined;
  const { record, signature = '' } = envelope.data;
  if (by !== 'anybody' && !isSigned(whatIsSigned(name, record), signature, by)) return undefined;
  const content = schema.safeParse(json(record));
  return content.success ? content.data : undefined;
}

/** The name is part of what is signed: a record is true under its own name only. */
const whatIsSigned = (name: string, record: string): string => `comfy-pipeline remote ${format}\n${name}\n${record}`;

/** What a text of JSON holds. What is nested deeper than anything of ours is none: others walk through it. */
function json(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isShallow(value, 64) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isShallow = (value: unknown, most: number): boolean =>
  typeof value !== 'object' || value === null
    ? true
    : most > 0 && Object.values(value).every((field) => isShallow(field, most - 1));
