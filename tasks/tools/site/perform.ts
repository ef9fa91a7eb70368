import type { Ground } from './ground.ts';
import { openHands } from './hands.ts';
import type { Journal } from './journal.ts';
import { isDirectory } from './look.ts';
import { merge } from './merge.ts';
import { parentOf } from './path.ts';
import { prune } from './prune.ts';

/**
 * Carries out a journal: moves, removals, empty directories, then what is put. Each deed is known to be done from the disk
 * alone, so that this may be cut short anywhere and done again. Whatever is not as it was seen when the change was planned is
 * the user's: it is kept aside and said.
 */
export function perform(journal: Journal, ground: Pick<Ground, 'layout' | 'note' | 'rename'>): void {
  const hands = openHands(journal.run, ground);
  for (const { from, to } of journal.moves) if (hands.look(to) === undefined) hands.carry(hands.at(from), hands.at(to));
  for (const { path, seen, attic } of journal.removals)
    if (hands.isAnchored(parentOf(path))) hands.clear(path, { over: seen ?? 'edited', attic });
  for (const path of journal.prune) if (hands.isAnchored(path)) prune(hands, path);
  for (const { slot, base, keptFrom } of journal.dropped) {
    if (base === undefined || hands.look(base) === undefined) continue;
    const stays = `${base} stays: it holds files that are not of ${slot}, or that were edited`;
    ground.note('info', keptFrom === undefined ? stays : `What was yours in ${keptFrom} is kept in ${base}`);
  }
  for (const { staged, over, attic } of journal.merges) {
    const from = `${ground.layout.staging}/${journal.run}/${staged}`;
    if (isDirectory(from)) merge(hands, from, '', { over: new Map(over), attic });
  }
}
