import { join, resolve } from 'node:path';

import { recentRuns } from '#cache';
import { Failed, forecast, type Prospect, type Reason } from '#engine';
import { nearest } from '../documents/nearest.ts';
import { versionIds } from '../documents/ids.ts';
import { disk, findCache, findRoot } from '../documents/paths.ts';
import type { Around } from './around.ts';
import { realizedIn } from './facts-of.ts';
import { openPlanned } from './open-planned.ts';
import { tell } from './tell.ts';
import type { FlagsOf } from './verbs.ts';

/** Why a step would run now, and why it ran last, where either is known. */
export interface Explained extends Prospect {
  readonly last?: Reason;
}

/** `pipeline why [<id>] <step>`: what would make a step run now, or made it run last. Answers the exit code. */
export async function commandWhy(around: Around, words: readonly string[], flags: FlagsOf<'why'>): Promise<number> {
  const { id, wanted, ...found } = whichStep(around, words, flags);
  const { plan, open } = await openPlanned(around, id, { ...found, ...flags });
  const prospects = await forecast(plan, open.workshop);
  const steps = matching(prospects, wanted, meantCommand(around, words)).map((step): Explained => {
    const last = open.recent.noteOf(step.name) as Reason | undefined;
    return last === undefined ? step : { ...step, last };
  });
  tell(around, { lines: steps.flatMap(explain), document: { type: 'why', id, steps } }, flags);
  return 0;
}

interface Asked {
  readonly id: string;
  readonly wanted: string;
  /** Where the version was realized, when nobody said which one is meant. */
  readonly target?: string;
}

/** The first word is a version when there is such a one; without it, the version that was realized last is meant. */
function whichStep(around: Around, words: readonly string[], { target }: FlagsOf<'why'>): Asked {
  const { cwd } = around;
  const ids = versionIds(findRoot({ cwd, probe: disk }).path);
  const [first, ...others] = words;
  if (others.length > 0 && ids.includes(first!)) return { id: first!, wanted: others.join(' ') };
  const wanted = words.join(' ');
  const { path: cache } = findCache({ ...around, probe: disk });
  for (const run of recentRuns(join(cache, 'recent'))) {
    const last = realizedIn(run);
    const isMeant = last !== undefined && (target === undefined || last.target === resolve(cwd, target));
    if (isMeant && ids.includes(last.id)) return { ...last, wanted };
  }
  if (ids.length === 1) return { id: ids[0]!, wanted };
  const hint = `write \`pipeline why <id> ${wanted}\`; there are ${ids.join(', ')}`;
  throw new Failed({ kind: 'usage', problem: 'Of which version?', hint });
}

/** The same command with an id that there is, where the first word is nearly one. */
function meantCommand({ cwd }: Around, [first = '', ...others]: readonly string[]): string | undefined {
  const meant = others.length > 0 ? nearest(first, versionIds(findRoot({ cwd, probe: disk }).path)) : undefined;
  return meant === undefined ? undefined : `\`pipeline why ${meant} ${others.join(' ')}\``;
}

/** The steps of that name; else all whose name or title has it in it. */
function matching(prospects: readonly Prospect[], wanted: string, command: string | undefined): readonly Prospect[] {
  const exact = prospects.filter(({ name }) => name === wanted);
  if (exact.length > 0) return exact;
  const part = wanted.toLowerCase();
  const near = prospects.filter(({ name, title }) => `${name}\n${title}`.toLowerCase().includes(part));
  if (near.length > 0) return near;
  const names = prospects.map(({ name }) => name);
  const tasks = [...new Set(prospects.map(({ task }) => task))];
  const suggestion = nearest(wanted, names) ?? nearest(wanted, tasks) ?? command;
  const hint =
    suggestion === undefined
      ? `a step is called by its task and what it is about; the tasks are ${tasks.join(', ')}`
      : `did you mean ${suggestion}?`;
  throw new Failed({ kind: 'absent', what: `The step \`${wanted}\``, hint });
}

function explain({ name, prospect, reason, last }: Explained): readonly string[] {
  switch (prospect) {
    case 'hit':
      return [`${name}: nothing to do`, ...(last === undefined ? [] : inWords(last, 'it last ran because'))];
    case 'miss':
      return [`${name}: would run`, ...inWords(reason ?? { why: 'new' }, 'because')];
    case 'open':
      return [`${name}: depends on what a step before it yields`];
  }
}

function inWords(reason: Reason, because: string): readonly string[] {
  switch (reason.why) {
    case 'new':
      return [`  ${because} nobody asked this before`];
    case 'gone':
      return [`  ${because} what it made was no longer there, or not as it was made`];
    case 'today':
      return [`  ${because} its answer is about today`];
    case 'changed':
      return [
        `  ${because} its question changed:`,
        ...reason.fields.map(({ path, was, now }) => `    ${path}  ${inShort(was)} -> ${inShort(now)}`),
      ];
  }
}

function inShort(value: unknown): string {
  const text = value === undefined ? '(absent)' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
