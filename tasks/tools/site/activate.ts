import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';

import { Failed, type Site } from '#engine';
import { composeJournal } from './compose-journal.ts';
import { finish } from './finish.ts';
import { type Ground, stagingOf } from './ground.ts';
import { renderJournal } from './journal.ts';
import { look } from './look.ts';
import { within } from './path.ts';
import { publish } from './publish.ts';

/** Makes everything staged take effect. Up to the journal's rename nothing has happened; from there on there is no way back. */
export async function activate(ground: Ground, as: Parameters<Site['activate']>[0]): Promise<void> {
  const { layout, draft, durability, rename } = ground;
  if (existsSync(layout.journal)) throw busy(layout.target);
  const staging = stagingOf(ground);
  const settled = Promise.all(draft.changes.values().map(async ({ settle }) => settle()));
  // The disk works while the journal is composed.
  const [journal] = await Promise.all([setImmediate().then(() => composeJournal(ground, as)), settled]);
  const { list } = draft.moves;
  const appeared = list.find(({ to }) => look(`${layout.target}/${to}`) && !list.some(({ from }) => within(from, to)));
  if (appeared !== undefined) throw inTheWay(appeared.to);
  await publish([{ path: layout.journal, text: renderJournal(journal) }], {
    staging,
    durability,
    rename,
  });
  await finish(journal, ground);
}

const busy = (target: string): Failed =>
  new Failed({
    kind: 'busy',
    what: target,
    holder: 'another run, which changes it this moment or was cut short',
    hint: 'run again: what was begun is finished first',
  });

const inTheWay = (path: string): Failed =>
  new Failed({
    kind: 'refused',
    what: `to move something to ${path}`,
    because: 'something appeared there meanwhile',
    hint: 'run again: nothing was changed',
  });
