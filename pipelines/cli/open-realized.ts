import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { openClaims, openStore } from '#cache';
import { Failed } from '#engine';
import { historyOf, type Page, type Realized, realizedAt } from '../../tasks/tools/site/history.ts';
import { layoutOf } from '../../tasks/tools/site/layout.ts';
import { openSite } from '../../tasks/tools/site/site.ts';
import { type Lockfile, parseLockfile } from '../documents/lockfile.ts';
import type { Around } from './around.ts';
import { claimed } from './claimed.ts';
import { knownTargets } from './known-targets.ts';
import { orMeant } from './meant-id.ts';
import { type Found, whichTarget } from './which-target.ts';

/** A version as it was realized, its target's own lockfile parsed. */
export interface Open extends Found {
  readonly realized: Realized;
  readonly lock: Lockfile;
}

/** Opens the target of a version. Throws `absent` when there is none, `refused` when it is another version's. */
export function openRealized(around: Around, word: string, flags: { readonly target?: string }): Open {
  const found = whichTarget(around, word, flags);
  const { target } = found.paths;
  const realized = realizedAt(target);
  if (realized === undefined) {
    const elsewhere = knownTargets(around).filter((one) => realizedAt(one)?.version === found.id);
    const hint =
      elsewhere.length > 0
        ? `it is in ${elsewhere.join(' and ')}: give --target`
        : orMeant(around, found.id, `\`pipeline realize ${found.id}\` makes it; give --target when it is elsewhere`);
    throw new Failed({ kind: 'absent', what: `A realized ${found.id} in ${target}`, hint });
  }
  if (realized.version !== found.id)
    throw new Failed({
      kind: 'refused',
      what: `to take ${target} for ${found.id}`,
      because: `it is a target of ${realized.version}`,
      hint: `write ${realized.version} instead, or give another --target`,
    });
  return { ...found, realized, lock: parseLockfile(realized.lockfile, `${target}/.pipeline/lock.json`) };
}

/** The same, after a change that was cut short has been finished: it decides what the target is. */
export async function openRecovered(around: Around, word: string, flags: { readonly target?: string }): Promise<Open> {
  const { paths } = whichTarget(around, word, flags);
  if (isUnfinished(paths.target)) await recover(around, paths);
  return openRealized(around, word, flags);
}

/** Whether a change of a target was begun and is not finished, or goes on this moment. */
export const isUnfinished = (target: string): boolean => existsSync(layoutOf(target).journal);

async function recover({ stderr, signal }: Around, { target, cache }: Found['paths']): Promise<void> {
  const warn = (text: string): void => void stderr.write(`${text}\n`);
  const store = openStore({ root: join(cache, 'store'), warn });
  const claims = openClaims({ directory: join(cache, 'claims'), warn });
  const site = openSite({ target, store, note: (_, text) => warn(text) });
  await claimed(claims, target, async () => site.recover(), { signal, note: warn });
}

/** A page of a target's history. Throws `absent`, with the pages there are, for one that there is not. */
export function pageOf({ id, paths: { target } }: Found, n: number): Page {
  const pages = historyOf(target);
  const page = pages.find((one) => one.n === n);
  if (page !== undefined) return page;
  const numbers = pages.length === 0 ? 'it has no history' : `there are ${pages.map((one) => one.n).join(', ')}`;
  throw new Failed({
    kind: 'absent',
    what: `${id}@${n} in ${target}`,
    hint: `${numbers}: see \`pipeline history ${id}\``,
  });
}

/** The lockfile of a page. */
export const lockOnPage = ({ paths: { target } }: Found, { n, lockfile }: Page): Lockfile =>
  parseLockfile(lockfile, `${target}/.pipeline/history/${n}.lock.json`);
