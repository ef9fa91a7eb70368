import { join } from 'node:path';

import { Failed, type Inheritance, type Site } from '#engine';
import type { Change, Owned } from './draft.ts';
import { type Ground, lentTo, placedBy } from './ground.ts';
import { atticFor, inherited } from './inherit.ts';
import type { Found, Item } from './item.ts';
import { type Action, type Plan, planPlacement, puts, type Scene } from './plan-placement.ts';
import { leadsTo, look } from './look.ts';
import { seenOf } from './seen.ts';
import { settleGit } from './settle-git.ts';
import { survey } from './survey.ts';

/** What a slot is to own, by path counted from the target; nothing when it is dropped. */
interface Question {
  readonly slot: string;
  readonly base: string;
  readonly wanted: ReadonlyMap<string, Item>;
  readonly dropping: boolean;
  readonly linkHint?: LinkHint;
  readonly takesOver?: Inheritance;
}

type LinkHint = Parameters<Site['stage']>[0]['linkHint'];

/** What has to change; `final` with all that is known of what is left as it is. */
export interface Difference extends Omit<Change, 'head' | 'base' | 'name' | 'settle' | 'final'> {
  readonly final: ReadonlyMap<string, Item>;
}

/** Compares what a slot is to own with its receipt and the disk. Throws `refused` where a write would leave the target. */
export async function compare(ground: Ground, question: Question): Promise<Difference> {
  const { slot, base, wanted, dropping, linkHint = replaceLink, takesOver = {} } = question;
  const own = placedBy(ground, slot);
  const { attic = atticFor(ground, base, takesOver), tracked } = settleGit(ground, {
    slot,
    placed: own,
    wanted,
    takesOver,
  });
  const placed = await inherited(ground, { base, placed: own, takesOver, checkedOut: tracked ?? [] });
  const { locate } = ground.draft.moves;
  if (placed.size === 0 && isBare(ground, base)) return nothingButPut(wanted, attic);
  const looked = await survey({
    target: ground.layout.target,
    locate,
    wanted,
    placed,
    lend: lentTo(ground, slot),
  });
  const before = ground.draft.rebased.get(slot) ?? ground.receipts.head(slot)?.base ?? base;
  const scene = { base: before, wanted, placed, ...looked, dropping };
  const plan = planPlacement(scene);
  if (plan.refused !== undefined) throw refusal(plan.refused, ground.layout.target, linkHint);
  const difference = carriedOut(scene, plan);
  if (attic !== undefined && takesOver.tracked !== undefined && usesAttic(difference))
    ground.draft.news.push(`${base} was not placed by pipeline: what had to make room is kept in ${attic}`);
  return { ...difference, ...(attic !== undefined && { attic }) };
}

/** Whether nothing can stand at or below a base: it, or a directory on the way to it, is not there, and nothing moves. */
export function isBare({ layout, draft }: Ground, base: string): boolean {
  const names = base.split('/');
  for (const way of ['', ...names.map((_, n) => names.slice(0, n + 1).join('/'))]) {
    const stat = look(`${layout.target}/${way}`);
    if (stat === undefined) return draft.moves.list.length === 0;
    if (!stat.isDirectory()) return false;
  }
  return false;
}

/** The difference where nothing is yet. */
export const nothingButPut = <T extends Owned>(wanted: T, attic?: string) => ({
  final: wanted,
  put: [...wanted.keys()],
  over: [],
  removals: [],
  prune: [],
  stays: [],
  ...(attic !== undefined && { attic }),
});

const usesAttic = ({ over, removals }: Difference): boolean =>
  over.some(([, seen]) => seen === 'edited') || removals.some(({ seen }) => seen === undefined);

/** A plan as a journal will have it. */
function carriedOut({ wanted, placed, lent, found }: Scene, { actions, prune }: Plan): Difference {
  const over: Change['over'] = [];
  const removals: Change['removals'] = [];
  const final = new Map<string, Item>();
  const [put, stays]: [string[], string[]] = [[], []];
  for (const [path, action] of actions) {
    const seen = seenOf(found.get(path));
    const item = wanted.get(path);
    if (item !== undefined) final.set(path, known(item, action, found.get(path)));
    if (item !== undefined && puts(action)) put.push(path);
    if (action === 'replace' && seen !== undefined) over.push([path, seen]);
    if (action === 'keep-and-put' && (placed.has(path) || lent.has(path))) over.push([path, 'edited']);
    if (action === 'remove' && seen !== undefined) removals.push({ path, seen });
    if (action === 'keep') removals.push({ path });
    if (action === 'stay') stays.push(path);
  }
  return { final, put, over, removals, prune: [...prune], stays };
}

/** What is left as it is has a fingerprint already. */
const known = (item: Item, action: Action, found: Found | undefined): Item =>
  action === 'leave' && item.type === 'file' && found?.type === 'file'
    ? { ...item, fingerprint: found.fingerprint }
    : item;

const replaceLink: NonNullable<LinkHint> = ({ path }) =>
  `put a directory in place of ${path}, or choose another target`;

const refusal = (
  { path, link }: { readonly path: string; readonly link: string },
  target: string,
  hint: NonNullable<LinkHint>,
): Failed =>
  new Failed({
    kind: 'refused',
    what: `to write ${path}`,
    because: `${link} is a symbolic link that pipeline did not make`,
    hint: hint({ path: link, to: leadsTo(join(target, link)) }),
  });
