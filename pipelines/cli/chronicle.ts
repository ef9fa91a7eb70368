import * as z from 'zod/mini';

import type { Event } from '#engine';
import type { Settings } from './settings.ts';

/** What happened in one run, and when. It is read by people alone: nothing is built from it, and no key covers it. */
export interface Chronicle {
  readonly head: Head;
  readonly moments: readonly Moment[];
}

/** An event, and when it came: milliseconds since the run's head was written. */
export type Moment = Event & { readonly at_ms: number };

/** Whose run it was, when it began, and how it was to work. */
export type Head = z.infer<typeof Head>;

const Head = z.object({
  format: z.literal(1),
  id: z.string(),
  /** The target: an absolute path. */
  target: z.string(),
  at: z.iso.datetime(),
  release: z.string(),
  runtime: z.string(),
  /** `linux-x64`. */
  platform: z.string(),
  offline: z.boolean(),
  verify: z.boolean(),
  installer: z.string(),
  link_mode: z.string(),
  limits: z.object({ network: z.number(), cpu: z.number(), disk: z.number() }),
});

const Steps = z.array(z.looseObject({ step: z.int(), task: z.string(), name: z.string(), title: z.string() }));
const common = { at_ms: z.number() };
const step = { ...common, step: z.int() };
const Failure = z.looseObject({ kind: z.string() });
const Moment = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('run.started'), ...common, pipeline: z.string(), subject: z.string(), steps: Steps }),
  z.looseObject({ type: z.literal('step.started'), ...step, reason: z.looseObject({ why: z.string() }) }),
  z.looseObject({ type: z.literal('step.output'), ...step, line: z.string() }),
  z.looseObject({ type: z.literal('step.retried'), ...step, attempt: z.int(), wait_ms: z.number(), failure: Failure }),
  z.looseObject({ type: z.literal('step.finished'), ...step, ms: z.number(), outcome: z.string() }),
  z.looseObject({ type: z.literal('note'), ...common, level: z.string(), text: z.string() }),
  z.looseObject({ type: z.literal('run.finished'), ...common, ok: z.boolean(), ms: z.number(), exit_code: z.int() }),
]);

/** What the runs of a version into a target are kept under. */
export const subjectOf = ({ id, target }: Pick<Head, 'id' | 'target'>): string => JSON.stringify([id, target]);

/** The head of a run that begins now. */
export const headOf = (
  { id, target }: Pick<Head, 'id' | 'target'>,
  { settings, release }: { readonly settings: Settings; readonly release: string },
): Head => ({
  format: 1,
  id,
  target,
  at: new Date().toISOString(),
  release,
  runtime: process.version,
  platform: `${process.platform}-${process.arch}`,
  offline: settings.offline,
  verify: settings.verify,
  installer: settings.installer,
  link_mode: settings.linkMode,
  limits: settings.limits,
});

/** A chronicle as it is kept: a line for the head, then one for each moment. */
export const renderChronicle = ({ head, moments }: Chronicle): string =>
  [head, ...moments].map((line) => `${JSON.stringify(line)}\n`).join('');

/** Reads one back; undefined where it is not whole, or of another release. */
export function parseChronicle(text: string): Chronicle | undefined {
  try {
    const [first = '', ...lines] = text.trimEnd().split('\n');
    const head = Head.parse(JSON.parse(first));
    // Events are more than is looked at here; the format says that the rest is as this release knows it.
    const moments = lines.map((line) => Moment.parse(JSON.parse(line)) as unknown as Moment);
    return moments.at(-1)?.type === 'run.finished' ? { head, moments } : undefined;
  } catch {
    return undefined;
  }
}
