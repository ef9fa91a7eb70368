import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { type Claims, sha256Of } from '#cache';
import { Failed } from '#engine';

/** Does work that changes a target while nobody else does. Throws `busy`, with who is there, for whoever comes second. */
export async function claimed<T>(claims: Pick<Claims, 'tryHold'>, target: string, work: () => Promise<T>): Promise<T> {
  const name = `target-${sha256Of(realpathOf(target)).slice(0, 32)}`;
  const claim = await claims.tryHold(name, work);
  if (claim.held) return claim.value;
  const { host, pid, since } = claim.by;
  throw new Failed({
    kind: 'busy',
    what: target,
    holder: `process ${pid} on ${host} (since ${since})`,
    hint: 'wait for it to end, or give another --target',
  });
}

/** Two names of one directory are one target, also when it is still to be made. */
function realpathOf(target: string): string {
  try {
    return realpathSync(target);
  } catch {
    const parent = dirname(target);
    return parent === target ? target : join(realpathOf(parent), basename(target));
  }
}
