import { choose, type Policy } from '#cache';
import type { Around } from '../around.ts';
import { formatBytes } from '../render/format-bytes.ts';
import { formatCount } from '../render/format-count.ts';
import { formatSeconds } from '../render/format-duration.ts';
import { tell } from '../tell.ts';
import type { FlagsOf } from '../verbs.ts';
import { parseSize, parseTime } from './amounts.ts';
import { answerThings } from './answers.ts';
import { cleanLibraries } from './libraries.ts';
import { type Survey, surveyCache, usualIdle } from './survey.ts';
import { freedBy, kinds, type Thing } from './thing.ts';
import { thingsIn } from './things.ts';

/** How long what was used stays, in milliseconds: longer than from the proof of an object to its use. */
const usualGrace = 60 * 60 * 1000;

/** `pipeline cache gc`: takes away what nothing needs. Answers the exit code. */
export async function commandGc(around: Around, flags: FlagsOf<'cache'>): Promise<number> {
  const { grace, ...limits } = limitsIn(flags);
  const survey = await surveyCache(around, limits.maxAge ?? usualIdle);
  const { now, live } = survey;
  // What work that goes on has made or proven, it did since it began.
  const before = Math.min(now - grace, live.since);
  const { goes, left } = await chooseThings(survey, { ...limits, now, before }, around.signal);
  const isDry = flags['dry-run'] ?? false;
  const gone = isDry ? goes : await removeAll(goes, before, around.signal);
  if (!isDry) cleanLibraries(around, survey);
  const document = {
    type: 'gc',
    dry_run: isDry,
    removed: gone.map((thing) => describeThing(thing)),
    freed_bytes: freed(gone),
    left_bytes: left,
    unseen: unseenIn(survey),
    ...(limits.maxSize !== undefined && { fits: left <= limits.maxSize }),
  };
  const lines = [
    ...(isDry ? gone.map((thing) => lineOf(thing, survey.now)) : []),
    `${isDry ? 'Would remove' : 'Removed'} ${countsOf(gone)}: ${formatBytes(freed(gone))}; ${formatBytes(left)} stay`,
    ...(limits.maxSize !== undefined && left > limits.maxSize
      ? [`That is more than ${formatBytes(limits.maxSize)}: all of it is needed, or was used just now`, hintFor(survey)]
      : []),
    ...unseenIn(survey).map((target) => `Kept what ${target} needs, which cannot be seen now`),
  ];
  tell(around, { lines, document }, flags);
  return 0;
}

type Limits = Omit<Policy, 'now' | 'before'> & { readonly grace: number };

function limitsIn(flags: FlagsOf<'cache'>): Limits {
  const { 'max-size': size, 'max-age': age, grace } = flags;
  return {
    grace: grace === undefined ? usualGrace : parseTime(grace, 'grace'),
    ...(age !== undefined && { maxAge: parseTime(age, 'max-age') }),
    ...(size !== undefined && { maxSize: parseSize(size, 'max-size') }),
  };
}

/** What goes by a policy, answers last: one whose bytes go is of no use. */
export async function chooseThings(
  survey: Survey,
  policy: Policy,
  signal: AbortSignal,
): Promise<{ readonly goes: readonly Thing[]; readonly left: number }> {
  const things = await thingsIn(survey, signal);
  const all = await answerThings(survey, new Set(things.map(({ name }) => name)));
  const known = all.reduce((sum, { size }) => sum + size, 0);
  const room = policy.maxSize === undefined ? {} : { maxSize: Math.max(0, policy.maxSize - known) };
  const { goes, left } = choose(things, { ...policy, ...room });
  const going = new Set(goes);
  const stays = new Set(things.flatMap((thing) => (going.has(thing) ? [] : [thing.name])));
  // They are small: which of them stay is for what they name to say, or for their age.
  const small = policy.maxSize === undefined ? {} : { maxSize: Infinity };
  const answers = choose(await answerThings(survey, stays), { ...policy, ...small });
  return { goes: [...goes, ...answers.goes], left: left + answers.left };
}

/** Takes things away, unless somebody began to use them meanwhile. Answers those that went. */
export async function removeAll(
  things: readonly Thing[],
  before: number,
  signal: AbortSignal,
): Promise<readonly Thing[]> {
  const gone: Thing[] = [];
  for (const thing of things) {
    signal.throwIfAborted();
    if (await thing.remove(before)) gone.push(thing);
  }
  return gone;
}

/** What deleting things frees, in bytes. */
export const freed = (things: readonly Thing[]): number =>
  things.reduce((sum, { measure }) => sum + freedBy(measure), 0);

/** `3 models, 12 results`, or `nothing`. */
export function countsOf(things: readonly Thing[]): string {
  const counts = kinds.flatMap((kind) => {
    const count = things.filter((thing) => thing.kind === kind).length;
    return count === 0 ? [] : [`${kind} ${count}`];
  });
  return counts.length === 0 ? 'nothing' : `${formatCount(things.length, 'thing')} (${counts.join(', ')})`;
}

const describeThing = ({ kind, name, about, measure, usedAt }: Thing) => ({
  kind,
  name,
  ...(about !== undefined && { about }),
  bytes: measure.bytes,
  freed_bytes: freedBy(measure),
  ...(usedAt > 0 && { used_at: new Date(usedAt) }),
});

function lineOf({ kind, name, about, measure, usedAt }: Thing, now: number): string {
  const age = usedAt === 0 ? 'of nobody' : `used ${formatSeconds(now - usedAt)} ago`;
  const short = name.replaceAll(/([0-9a-f]{12})[0-9a-f]{52}/g, '$1');
  return [kind.padEnd(10), formatBytes(freedBy(measure)).padStart(9), short, about ?? '', age]
    .filter(Boolean)
    .join('  ');
}

const unseenIn = ({ roots }: Survey): readonly string[] =>
  roots.flatMap(({ isUnseen, name }) => (isUnseen ? [name] : []));

function hintFor({ roots }: Survey): string {
  const ids = new Set(roots.flatMap(({ kind, id }) => (kind === 'target' && id !== undefined ? [id] : [])));
  const named = ids.size === 0 ? '' : ` (${[...ids].join(', ')})`;
  return `hint: \`pipeline delete\` a version that is not needed any more${named}, then run gc again`;
}
