import { existsSync, mkdirSync } from 'node:fs';

import { finish, type Finisher, sweep } from './finish.ts';
import { type Journal, readJournal } from './journal.ts';
import { kept } from './layout.ts';
import { firstFree, look } from './look.ts';
import { parentOf } from './path.ts';

/** Finishes an activation that was cut short, or clears away what was staged and never activated. */
export async function recover(ground: Finisher): Promise<void> {
  const { layout, note } = ground;
  const journal = readOrPutAside(ground);
  if (journal !== undefined) {
    await finish(journal, ground);
    note(
      'info',
      `Finished the change${journal.as === undefined ? '' : ` to ${journal.as.version}`} that was cut short`,
    );
  }
  if (existsSync(layout.staging) || existsSync(layout.trash)) await sweep(layout);
}

/** A journal that makes no sense cannot be carried out; whatever it left undone is seen when files are compared next. */
function readOrPutAside({ layout, note, rename }: Finisher): Journal | undefined {
  try {
    return readJournal(layout.journal);
  } catch {
    const to = firstFree(`${layout.target}/${kept}/journal-`, (path) => look(path) !== undefined);
    mkdirSync(parentOf(to), { recursive: true });
    rename(layout.journal, to);
    note(
      'warning',
      'The journal of a change that was cut short cannot be read: the target is compared file by file instead',
    );
    return undefined;
  }
}
