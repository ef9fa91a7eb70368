import { readdirSync, readlinkSync } from 'node:fs';
import * as z from 'zod/mini';

import { commitAt } from './git-directory.ts';
import { type Found, sameFingerprint } from './item.ts';
import { fingerprintOf, look } from './look.ts';

/** What was seen at a path when a change was planned; when it is not so any more, it is the user's. */
export type Seen = z.infer<typeof Seen>;
export const Seen = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('file'),
    fingerprint: z.object({ size: z.number(), mtimeMs: z.number(), ino: z.number(), runs: z.boolean() }),
  }),
  z.object({ type: z.literal('link'), to: z.string() }),
  z.object({ type: z.literal('directory') }),
  z.object({ type: z.literal('git'), commit: z.string() }),
]);

/** What a journal remembers of something found. Of what is none of ours it remembers nothing. */
export function seenOf(found: Found | undefined): Seen | undefined {
  if (found?.type === 'file') return { type: 'file', fingerprint: found.fingerprint };
  return found === undefined || found.type === 'other' ? undefined : found;
}

/** Whether what stands there now is what was seen. A directory is, as long as it is empty. */
export function isStill(at: string, seen: Seen): boolean {
  const stat = look(at);
  if (stat === undefined) return false;
  switch (seen.type) {
    case 'file':
      return stat.isFile() && sameFingerprint(fingerprintOf(stat), seen.fingerprint);
    case 'link':
      return stat.isSymbolicLink() && readlinkSync(at) === seen.to;
    case 'directory':
      return stat.isDirectory() && readdirSync(at).length === 0;
    case 'git':
      return stat.isDirectory() && commitAt(at) === seen.commit;
  }
}
