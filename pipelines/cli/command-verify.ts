import { lstatSync } from 'node:fs';
import { join } from 'node:path';

import { type Digest, isDigest, openClaims, openStore, type Store } from '#cache';
import { type Deviation, examine } from '../../tasks/tools/site/examine.ts';
import { layoutOf } from '../../tasks/tools/site/layout.ts';
import { openReceipts } from '../../tasks/tools/site/receipts.ts';
import type { Around } from './around.ts';
import { claimed } from './claimed.ts';
import { isUnfinished, openRealized } from './open-realized.ts';
import { formatBytes } from './render/format-bytes.ts';
import { formatCount } from './render/format-count.ts';
import { showDeviations } from './show-deviations.ts';
import { tell } from './tell.ts';
import type { FlagsOf } from './verbs.ts';

/** A stored object that the parts of a target are made of. */
interface Stored {
  readonly digest: Digest;
  readonly slots: readonly string[];
  /** `gone`: it can be fetched again, and what was placed of it is there. */
  readonly is: 'true' | 'damaged' | 'gone';
}

/** What reading everything came to. */
interface Verdict {
  readonly deviations: readonly Deviation[];
  readonly objects: readonly Stored[];
  readonly unfinished: boolean;
}

/** `pipeline verify <id>`: reads every placed file and every stored object behind it. Answers 0, or 4 when something is damaged. */
export async function commandVerify(around: Around, id: string, flags: FlagsOf<'verify'>): Promise<number> {
  const open = openRealized(around, id, flags);
  const { target, cache } = open.paths;
  const say = (text: string): void => void (flags.json || around.stderr.write(`${text}\n`));
  const store = openStore({ root: join(cache, 'store'), warn: say });
  const claims = openClaims({ directory: join(cache, 'claims'), warn: say });
  const { signal } = around;
  const work = async (): Promise<Verdict> => {
    const unfinished = isUnfinished(target);
    // The target first: what is damaged in the store is put away, and links then lead to nothing.
    const deviations = await examine(target, { rehash: true, signal });
    return { unfinished, deviations, objects: await proveObjects(target, store, { signal, say }) };
  };
  const verdict = await claimed(claims, target, work, { signal, note: say });
  const damaged = verdict.objects.filter(({ is }) => is === 'damaged');
  const isDamaged = verdict.unfinished || verdict.deviations.length + damaged.length > 0;
  const { deviations, objects, unfinished } = verdict;
  const document = { type: 'verify', id: open.id, target, ok: !isDamaged, deviations, objects, unfinished };
  tell(around, { lines: linesOf(open.id, target, verdict), document }, flags);
  return isDamaged ? 4 : 0;
}

interface Manner {
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Files of fewer bytes take no time worth a line. */
const long = 1_000_000_000;

/** Reads every stored object that something in a target was made from. */
async function proveObjects(target: string, store: Store, { signal, say }: Manner): Promise<readonly Stored[]> {
  const objects: Stored[] = [];
  for (const [digest, slots] of objectsOf(target)) {
    signal.throwIfAborted();
    const size = lstatSync(store.pathOf(digest), { throwIfNoEntry: false })?.size;
    if (size !== undefined && size >= long) say(`Reading ${digest} (${formatBytes(size)})`);
    const is = size === undefined ? 'gone' : (await store.proves(digest, { rehash: true })) ? 'true' : 'damaged';
    objects.push({ digest, slots, is });
  }
  return objects;
}

/** The digests in what the parts of a target were asked for, and for which parts. */
function objectsOf(target: string): ReadonlyMap<Digest, readonly string[]> {
  const receipts = openReceipts(layoutOf(target));
  const objects = new Map<Digest, string[]>();
  const visit = (value: unknown, slot: string): void => {
    if (isDigest(value)) objects.set(value, [...new Set([...(objects.get(value) ?? []), slot])]);
    else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) visit(part, slot);
  };
  for (const slot of receipts.slots()) visit(receipts.answer(slot)?.input, slot);
  return objects;
}

function linesOf(id: string, target: string, { deviations, objects, unfinished }: Verdict): readonly string[] {
  const of = (is: Stored['is']): readonly Stored[] => objects.filter((object) => object.is === is);
  const [damaged, gone] = [of('damaged'), of('gone')];
  const hidden = damaged.length > 0 || deviations.some(({ isHidden }) => isHidden);
  const isWrong = unfinished || damaged.length + deviations.length > 0;
  return [
    ...showDeviations(deviations),
    ...damaged.map(({ digest, slots }) => `store: damaged  ${digest}  of ${slots.join(', ')}`),
    ...(unfinished ? ['A change of the target was cut short'] : []),
    ...(gone.length > 0
      ? [`${formatCount(gone.length, 'object')} of the store are gone: a repair would fetch them again`]
      : []),
    isWrong
      ? `${id} in ${target} is damaged: ${formatCount(deviations.length, 'path')}, ${formatCount(damaged.length, 'stored object')}`
      : `${id} in ${target} is as it was realized: every file was read, and ${formatCount(of('true').length, 'stored object')}`,
    ...(isWrong
      ? [`hint: \`pipeline repair ${id} --target ${target}${hidden ? ' --verify' : ''}\` puts it right`]
      : []),
  ];
}
