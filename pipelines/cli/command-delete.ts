import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

import { openClaims, openStore } from '#cache';
import { Failed } from '#engine';
import { layoutOf } from '../../tasks/tools/site/layout.ts';
import { leaveTarget } from '../../tasks/tools/site/leave.ts';
import { openSite, type TargetSite } from '../../tasks/tools/site/site.ts';
import type { Paths } from '../documents/paths.ts';
import type { Around } from './around.ts';
import { askYes } from './ask.ts';
import { claimed } from './claimed.ts';
import { leftOver } from './left-over.ts';
import { orMeant } from './meant-id.ts';
import { refuseDelete } from './refuse-delete.ts';
import { formatCount } from './render/format-count.ts';
import { safeText } from './safe-text.ts';
import { secretsIn } from './secrets.ts';
import { deleteSpec, refuseDeleteSpec } from './delete-spec.ts';
import type { FlagsOf } from './verbs.ts';
import { whichTarget } from './which-target.ts';

/** `pipeline delete <id>`: deletes what receipts say is ours, and says what stays. Answers the exit code. */
export async function commandDelete(around: Around, word: string, flags: FlagsOf<'delete'>): Promise<number> {
  const found = whichTarget(around, word, flags);
  const { root, id, paths, document } = found;
  const say = speaker(around);
  if (flags['remove-spec']) refuseDeleteSpec(root, id);
  const target = realpathOf(paths.target);
  if (target === undefined && !(flags['remove-spec'] && document !== undefined))
    throw new Failed({
      kind: 'absent',
      what: `The target ${paths.target}`,
      hint: orMeant(around, id, 'give --target when it is elsewhere'),
    });
  if (target !== undefined) {
    const { HOME: home } = around.environment;
    const [cache, models] = [realpathOf(paths.cache), realpathOf(paths.models)];
    refuseDelete(target, id, { home: realpathOf(home), cache, models });
  }
  if (!flags.yes && !(await askYes(around, questionFor(id, target, flags)))) {
    say('Nothing was deleted');
    return 0;
  }
  if (target !== undefined) await emptyTarget({ target, id, paths }, say);
  if (flags['remove-spec']) for (const file of deleteSpec(found)) say(`Deleted ${file}`);
  return 0;
}

interface Doomed {
  /** Absolute, links resolved. */
  readonly target: string;
  readonly id: string;
  readonly paths: Paths;
}

type Say = (sentence: string) => void;

/** Drops every slot, in one change that is done whole or not at all, then takes the records away. */
async function emptyTarget({ target, id, paths }: Doomed, say: Say): Promise<void> {
  const store = openStore({ root: join(paths.cache, 'store'), warn: say });
  const claims = openClaims({ directory: join(paths.cache, 'claims'), warn: say });
  const empty = async (): Promise<void> => {
    const site = openSite({ target, store, note: (_, text) => say(text) });
    await site.recover();
    const slots = site.slots();
    const shown = shownIn(site);
    for (const { slot } of slots) await site.drop(slot);
    if (site.pending()) await site.activate({ version: id, lockfile: textOf(layoutOf(target).lock) });
    leaveTarget(target);
    say(`Deleted ${id} from ${target}: ${formatCount(slots.length, 'part')}`);
    sayLeft(target, shown, paths, say);
  };
  await claimed(claims, target, empty, { note: say });
}

function sayLeft(target: string, shown: number, { models, cache }: Paths, say: Say): void {
  const left = leftOver(target);
  if (left.length > 0)
    say(['What stays is not of pipeline, or was changed:', ...left.map((line) => `  ${line}`)].join('\n'));
  if (shown > 0)
    say(
      `${formatCount(shown, 'link')} to models in ${models} ${shown === 1 ? 'stays' : 'stay'}: other versions may use them`,
    );
  say(`What was fetched stays in the cache, ${cache}`);
}

/** How many models MODELS_DIR shows for this target. */
function shownIn(site: TargetSite): number {
  const output = site.slots().find(({ slot }) => slot === 'models')?.output as
    | { readonly shown?: readonly unknown[] }
    | undefined;
  return output?.shown?.length ?? 0;
}

function questionFor(id: string, target: string | undefined, flags: FlagsOf<'delete'>): string {
  const things = [
    ...(target === undefined ? [] : [`what is ours in ${target}`]),
    ...(flags['remove-spec'] ? [`the documents of ${id}`] : []),
  ];
  return `Delete ${things.join(', and ')}?`;
}

function speaker({ stdout, environment }: Around): Say {
  const safe = safeText(secretsIn(environment));
  return (sentence) => void stdout.write(`${safe(sentence)}\n`);
}

function realpathOf(path: string | undefined): string | undefined {
  if (path === undefined || !existsSync(path)) return undefined;
  return realpathSync(path);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
