import { join } from 'node:path';

import { Failed } from '#engine';
import { historyOf, type Page } from '../../tasks/tools/site/history.ts';
import { nameIn } from '../documents/ids.ts';
import { isCurrent, type Lockfile, writeLockfile } from '../documents/lockfile.ts';
import type { Around } from './around.ts';
import { realizeProject } from './command-realize.ts';
import { factsOf } from './facts-of.ts';
import { keepBeside } from './keep-beside.ts';
import { keepRuns } from './keep-runs.ts';
import { lockOnPage, type Open, openRecovered, pageOf } from './open-realized.ts';
import { projectAt, versionOf } from './project-at.ts';
import { openScreen } from './screen.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline rollback <id> [n]`: makes a target what it was before, from the store, without network. Answers the exit code. */
export async function commandRollback(
  around: Around,
  [id, word]: readonly string[],
  flags: FlagsOf<'rollback'>,
): Promise<number> {
  const open = await openRecovered(around, id!, flags);
  if (flags.save) refuseSave(open);
  const page = word === undefined ? pageBefore(open) : pageOf(open, numberOf(word));
  const lock = lockOnPage(open, page);
  if (lock.version_id !== open.id) throw ofAnother(open, page, lock);
  const project = projectAt(around, open, lock, { ...flags, offline: true });
  const emit = await keepRuns(await openScreen(around, flags), around, project, flags);
  for (const text of project.warnings) emit({ type: 'note', level: 'warning', text });
  const facts = await factsOf(project, lock, { around, emit });
  const note = (level: 'info' | 'warning', text: string): void => emit({ type: 'note', level, text });
  const after = async () => {
    note('info', `${open.paths.target} is what it was on page ${page.n} of its history`);
    saveOrSay(open, lock, { save: flags.save ?? false, note });
    if (flags.save) await keepBeside(lock, open);
    return { page: page.n };
  };
  const watch = async () => after;
  const exitCode = await realizeProject(project, facts, { around, emit, pipeline: 'rollback', watch });
  if (exitCode === 5) around.stderr.write(`hint: ${hintFor(open, page)}\n`);
  return exitCode;
}

/** The newest page that is not what the target is now: who goes back twice is where he was. */
function pageBefore({ id, paths: { target }, realized }: Open): Page {
  const page = historyOf(target).findLast(({ lockfile }) => lockfile !== realized.lockfile);
  if (page !== undefined) return page;
  throw new Failed({
    kind: 'absent',
    what: `Anything that ${target} was before`,
    hint: `see \`pipeline history ${id}\``,
  });
}

function numberOf(word: string): number {
  const [, digits] = /^@?(\d{1,9})$/.exec(word) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new Failed({
    kind: 'usage',
    problem: `${word} is no page of a history`,
    hint: 'give a number of `pipeline history <id>`',
  });
}

const ofAnother = ({ id, paths: { target } }: Open, { n }: Page, { version_id: other }: Lockfile): Failed =>
  new Failed({
    kind: 'refused',
    what: `to go back to page ${n}`,
    because: `${target} was ${other} then, not ${id}`,
    hint: `\`pipeline realize ${other} --target ${target}\` makes it that`,
  });

interface Saving {
  readonly save: boolean;
  readonly note: (level: 'info' | 'warning', text: string) => void;
}

function saveOrSay(open: Open, lock: Lockfile, { save, note }: Saving): void {
  const { root, id } = open;
  if (!save) return note('info', `The project's lockfile is as it was: \`pipeline realize ${id}\` goes back to it`);
  note('info', `Wrote ${nameIn(root, writeLockfile(lock, { root }))}`);
  const version = versionOf(open);
  if (version !== undefined && !isCurrent(lock, version))
    note(
      'warning',
      `versions/${id}.json asks for something else: \`pipeline validate ${id}\` would change the lockfile again`,
    );
}

/** A lockfile without its version is nobody's. */
function refuseSave({ id, document }: Open): void {
  if (document !== undefined) return;
  const hint = 'leave --save away, or go where the version is';
  throw new Failed({
    kind: 'usage',
    problem: `--save writes the lockfile of versions/${id}.json, which is not here`,
    hint,
  });
}

const hintFor = ({ id, paths: { target } }: Open, { n }: Page): string =>
  `with the network: pipeline realize ${id} --lock ${join(target, '.pipeline/history', `${n}.lock.json`)} --target ${target}`;
