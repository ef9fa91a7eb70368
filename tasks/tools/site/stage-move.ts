import { Failed, type Site } from '#engine';
import { type Ground } from './ground.ts';
import { isDirectory, look } from './look.ts';
import { joined, parentOf } from './path.ts';
import { plainPath } from './plain-path.ts';

type Order = Parameters<Site['stageMove']>[0];

/** Stages that a directory moves. Where something is already it gets a name of its own: `<to>~2`. Answers where it goes. */
export async function stageMove(ground: Ground, order: Order): Promise<string> {
  const { draft, layout, note } = ground;
  const from = 'slot' in order ? baseOfSlot(ground, order.slot) : plainPath(order.from, 'A directory');
  const wanted = plainPath(order.to, 'slot' in order ? `The slot ${order.slot}` : from);
  if (from === wanted) return wanted;
  if (from === '' || wanted === '') throw refusal(wanted || from, 'the target itself cannot be moved');
  const to = free(wanted, draft.moves.taken);
  const at = draft.moves.locate(from);
  if (at !== undefined && look(`${layout.target}/${at}`) !== undefined) {
    refuseLinks(layout.target, at);
    refuseLinks(layout.target, parentOf(to));
    draft.moves.add(from, to);
    if (order.news !== undefined) draft.news.push(order.news(to));
    if (to !== wanted) note('warning', `${wanted} is taken: ${from} moves to ${to}`);
  }
  if ('slot' in order) draft.rebased.set(order.slot, to);
  return to;
}

function baseOfSlot({ draft, receipts }: Ground, slot: string): string {
  const head = receipts.head(slot);
  if (head === undefined) throw new Failed({ kind: 'absent', what: `The receipt of ${slot}` });
  if (draft.changes.has(slot)) throw new Error(`${slot} was staged before it was moved`);
  return draft.rebased.get(slot) ?? head.base;
}

function free(wanted: string, taken: (path: string) => boolean): string {
  let to = wanted;
  for (let n = 2; taken(to); n += 1) to = `${wanted}~${n}`;
  return to;
}

/** Throws when something on a path, as far as it exists, is no directory of the target itself. */
export function refuseLinks(target: string, path: string): void {
  let directory = '';
  for (const name of path === '' ? [] : path.split('/')) {
    directory = joined(directory, name);
    if (look(`${target}/${directory}`) === undefined) return;
    if (!isDirectory(`${target}/${directory}`))
      throw refusal(directory, 'it is a symbolic link, or no directory at all');
  }
}

const refusal = (path: string, because: string): Failed =>
  new Failed({
    kind: 'refused',
    what: `to move ${path}`,
    because,
    hint: 'put a directory in its place, then run again',
  });
