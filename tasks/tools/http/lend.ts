import { rmSync, statSync } from 'node:fs';

import { Failed } from '#engine';

import { digestOf } from './digest-of.ts';
import { assertRoom, assertWanted, type Found, type Wanted } from './wanted.ts';

/** Whoever can copy an object of a bucket with a login that the person has. Nothing when no such program is here. */
export type Lender = (object: string, to: string) => Promise<'copied' | undefined>;

/**
 * An object of a bucket, copied to `wanted.to` (absent) by the person's own program; nothing when there is none. Throws
 * Failed (command, integrity, cancelled).
 */
export async function lendCopy(
  object: string,
  wanted: Wanted,
  { lender, signal }: { readonly lender: Lender | undefined; readonly signal: AbortSignal },
): Promise<Found | undefined> {
  if (lender === undefined) return undefined;
  if (wanted.size !== undefined) assertRoom(wanted.to, wanted.size);
  try {
    if ((await lender(object, wanted.to)) === undefined) return undefined;
    if (!statSync(wanted.to, { throwIfNoEntry: false })?.isFile())
      throw new Failed({ kind: 'absent', what: object, hint: 'the program that was to copy it wrote no file' });
    const { digest: sha256, size } = await digestOf(wanted.to, 'sha256', { signal });
    assertWanted({ sha256, size }, wanted, object);
    return { sha256, size };
  } catch (error) {
    rmSync(wanted.to, { recursive: true, force: true });
    throw error;
  }
}
