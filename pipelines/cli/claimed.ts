import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { type Claims, type Holder, sha256Of } from '#cache';
import { Failed } from '#engine';

/** What is said with a claim, and what ends the wait for it. */
interface Manner {
  readonly needs?: string;
  readonly signal?: AbortSignal;
  readonly note?: (text: string) => void;
}

/**
 * Does work that changes a target while nobody else does. Throws `busy`, with who is there, for whoever comes second. `needs`
 * names what it will want of the store, so that `gc` leaves that alone; `note` is told when it takes a while to know whether somebody is there.
 */
export async function claimed<T>(
  claims: Pick<Claims, 'tryHold'>,
  target: string,
  work: () => Promise<T>,
  { needs, signal, note }: Manner = {},
): Promise<T> {
  const onWatch = ({ host, since }: Holder): void =>
    note?.(`${host} began with ${target} at ${since}: waiting for a sign of life`);
  const how = { ...(needs !== undefined && { needs }), ...(signal && { signal }), onWatch };
  const claim = await claims.tryHold(nameFor(target), work, how);
  if (claim.held) return claim.value;
  const { host, pid, since } = claim.by;
  throw new Failed({
    kind: 'busy',
    what: target,
    holder: `process ${pid} on ${host} (since ${since})`,
    hint: 'wait for it to end, or give another --target',
  });
}

/** The same for short work: waits until whoever is there has finished. */
export const claimedInTurn = async <T>(
  claims: Pick<Claims, 'hold'>,
  target: string,
  how: { readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> => claims.hold(nameFor(target), work, { signal: how.signal });

/** What is claimed by whoever works on one pack of a target, from looking it up to the end. */
export const packClaim = (target: string, key: string): string => `${nameFor(target)} node ${key}`;

const nameFor = (target: string): string => `target-${sha256Of(realpathOf(target)).slice(0, 32)}`;

/** Two names of one directory are one target, also when it is still to be made. */
function realpathOf(target: string): string {
  try {
    return realpathSync(target);
  } catch {
    const parent = dirname(target);
    return parent === target ? target : join(realpathOf(parent), basename(target));
  }
}
