import type { AnnouncedStep, Failure, Outcome, Resource } from '#engine';
import type { Chronicle, Head, Moment } from '../chronicle.ts';
import { formatReason } from '../render/format-reason.ts';

/** How a step ended. */
export type Way = Outcome['outcome'];

/** One step of a run, with all that was heard of it. Times are in milliseconds since the run began. */
export interface RunStep extends AnnouncedStep {
  readonly needs: readonly number[];
  readonly outcome: Way;
  /** Why it ran, where that is worth a word. */
  readonly reason: string;
  /** When it was at work, and since when it had been ready; absent for a step that never began. */
  readonly work?: Span & { readonly ready: number };
  /** When it ended, whether it had begun or not. */
  readonly ended: number;
  readonly bytes: number;
  /** What making it took, when it was cached. */
  readonly saved: number;
  readonly key?: string;
  readonly failure?: Failure;
  /** The step that it was skipped for. */
  readonly because?: number;
  readonly output: readonly string[];
  readonly retries: readonly Retry[];
}

/** From when to when: `ended` is never before `began`. */
export interface Span {
  readonly began: number;
  readonly ended: number;
}

/** One more attempt at a step: `at` is when the last one had failed. */
export interface Retry {
  readonly at: number;
  readonly event: Of<'step.retried'>;
}

/** Something a person should know. */
export interface Note {
  readonly at: number;
  readonly level: 'info' | 'warning';
  readonly text: string;
  readonly step?: number;
}

/** A run in the shape in which it is told afterwards. */
export interface RunModel {
  readonly head: Head;
  /** `realize` */
  readonly pipeline: string;
  readonly subject: string;
  readonly began: Date;
  readonly summary: Extract<Moment, { type: 'run.finished' }>;
  /** In the order of the plan. */
  readonly steps: readonly RunStep[];
  readonly notes: readonly Note[];
}

type Of<Type extends Moment['type']> = Extract<Moment, { type: Type }>;

/** What a chronicle tells. */
export function modelOf({ head, moments }: Chronicle): RunModel {
  // What was begun anew before it had been told as ended counts from there.
  const counted = moments.slice(
    Math.max(
      0,
      moments.findLastIndex(({ type }) => type === 'run.started'),
    ),
  );
  const all = <Type extends Moment['type']>(type: Type, among: readonly Moment[] = counted) =>
    among.filter((moment): moment is Of<Type> => moment.type === type);
  const [start] = all('run.started');
  const summary = all('run.finished').at(-1)!;
  const zero = start?.at_ms ?? 0;
  const since = ({ at_ms: at }: Moment): number => Math.max(0, at - zero);
  const started = new Map(all('step.started').map((moment) => [moment.step, moment]));
  const finished = new Map(all('step.finished').map((moment) => [moment.step, moment]));
  const retries = Map.groupBy(all('step.retried'), ({ step }) => step);
  const output = Map.groupBy(all('step.output'), ({ step }) => step);
  const announced: readonly AnnouncedStep[] = start?.steps ?? [...finished.values()];
  return {
    head,
    pipeline: start?.pipeline ?? 'run',
    subject: start?.subject ?? head.id,
    began: new Date(Date.parse(head.at) + zero),
    summary,
    steps: announced.map(({ step, task, name, title, resource, needs = [] }) => {
      const [begun, end] = [started.get(step), finished.get(step)];
      return {
        step,
        task,
        name,
        title,
        ...(resource && { resource }),
        needs: needs.filter((need) => need !== step),
        reason: begun === undefined ? '' : formatReason(begun.reason),
        ...(begun && { work: workOf(begun, end, since) }),
        ended: since(end ?? summary),
        ...endOf(end),
        output: (output.get(step) ?? []).map(({ line }) => line),
        retries: (retries.get(step) ?? []).map((event) => ({ at: since(event), event })),
      };
    }),
    notes: all('note', moments).map((moment) => {
      const { level, text, step } = moment;
      return { at: since(moment), level, text, ...(step !== undefined && { step }) };
    }),
  };
}

/** The end is when the work ended; that it did may have been told later, when the next step was at work already. */
function workOf(start: Of<'step.started'>, end: Of<'step.finished'> | undefined, since: (moment: Moment) => number) {
  const began = since(start);
  const told = end === undefined ? began : since(end);
  const ended = Math.max(began, Math.min(told, began + (end?.ms ?? 0) + 0.5));
  return { ready: Math.max(0, began - (start.waited_ms ?? 0)), began, ended };
}

function endOf(end: Of<'step.finished'> | undefined) {
  const { outcome = 'skipped', bytes_fetched: bytes = 0, ms_saved: saved = 0 } = end ?? {};
  return {
    outcome,
    bytes,
    saved,
    ...(end?.key !== undefined && { key: end.key }),
    ...(end?.outcome === 'failed' && { failure: end.failure }),
    ...(end?.outcome === 'skipped' && end.because !== undefined && { because: end.because }),
  };
}

/** How long a step was at work, in milliseconds. */
export const workMs = ({ work }: RunStep): number => (work === undefined ? 0 : work.ended - work.began);

/** What steps of no resource of the engine's wait for: each other. */
export const resourceOf = ({ resource }: RunStep): Resource | 'run' => resource ?? 'run';
