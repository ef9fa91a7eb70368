import { hash } from 'node:crypto';
import * as z from 'zod/mini';

/** Hex SHA-256 of bytes: 64 lower-case characters. */
export type Sha256 = z.infer<typeof Sha256>;
export const Sha256 = z
  .string()
  .check(z.regex(/^[0-9a-f]{64}$/, 'Expected a SHA-256: 64 lower-case hex characters'))
  .brand<'Sha256'>();

/** The digest of one file's bytes. */
export type Blob = z.infer<typeof Blob>;
export const Blob = z
  .string()
  .check(z.regex(/^blob:[0-9a-f]{64}$/))
  .brand<'Blob'>();

/** The digest of a directory: of its manifest, see `manifest.ts`. */
export type Tree = z.infer<typeof Tree>;
export const Tree = z
  .string()
  .check(z.regex(/^tree:[0-9a-f]{64}$/))
  .brand<'Tree'>();

/** What the store holds something under. */
export type Digest = Blob | Tree;

const pattern = /^(?:blob|tree):[0-9a-f]{64}$/;

/** Whether a value found in an output names bytes in the store. */
export const isDigest = (value: unknown): value is Digest => typeof value === 'string' && pattern.test(value);

/** Whether a value is 64 lower-case hex characters. */
export const isSha256 = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** The blob whose bytes hash to `sha256`. */
export const blobOf = (sha256: string): Blob => `blob:${sha256}` as Blob;

/** The bare hex of a digest, without its kind. */
export const hexOf = (digest: Digest): string => digest.slice(5);

/** SHA-256 of a short text, as hex. */
export const sha256Of = (text: string | NodeJS.ArrayBufferView): Sha256 => hash('sha256', text) as Sha256;
