import { Failed } from '#engine';
import { type Ground } from './ground.ts';
import { isDirectory, look } from './look.ts';
import { joined, parentOf } from './path.ts';
import { plainPath } from './plain-path.ts';

/** Stages that a slot's directory moves. Where something is already the directory gets a name of its own: `<to>~2`. */
export async function stageMove(
  ground: Ground,
  { slot, to: asked }: { readonly slot: string; readonly to: string },
): Promise<void> {
  const { draft, receipts, layout, note } = ground;
  const head = receipts.head(slot);
  if (head === undefined) throw new Failed({ kind: 'absent', what: `The receipt of ${slot}` });
  if (draft.changes.has(slot)) throw new Error(`${slot} was staged before it was moved`);
  const from = draft.rebased.get(slot) ?? head.base;
  const wanted = plainPath(asked, `The slot ${slot}`);
  if (from === wanted) return;
  if (from === '' || wanted === '') throw refusal(wanted || from, 'the target itself cannot be moved');
  const to = free(wanted, draft.moves.taken);
  const at = draft.moves.locate(from);
  if (at !== undefined && look(`${layout.target}/${at}`) !== undefined) {
    refuseLinks(layout.target, at);
    refuseLinks(layout.target, parentOf(to));
    draft.moves.add(from, to);
    if (to !== wanted) note('warning', `${wanted} is taken: ${from} moves to ${to}`);
  }
  draft.rebased.set(slot, to);
}

function free(wanted: string, taken: (path: string) => boolean): string {
  let to = wanted;
  for (let n = 2; taken(to); n += 1) to = `${wanted}~${n}`;
  return to;
}

/** Throws when something on a path, as far as it exists, is no directory of the target itself. */
function refuseLinks(target: string, path: string): void {
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
