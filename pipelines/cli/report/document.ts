import type { ReportFacts } from './facts.ts';
import type { RunStep } from './run-model.ts';

/** A report for programs: the run, the version's other runs, and what is known besides. Sizes are in bytes. */
export function documentOf({ run, n, runs, wheels, sizes }: ReportFacts): unknown {
  const { head, pipeline, began, steps, notes } = run;
  const { at_ms: _, type: __, ...summary } = run.summary;
  return {
    type: 'report',
    ...head,
    n,
    pipeline,
    at: began,
    summary,
    steps: steps.map(stepOf),
    notes: notes.map(({ at, ...note }) => ({ at_ms: at, ...note })),
    runs,
    wheels,
    ...(sizes && { sizes }),
  };
}

/** Its times are counted from the beginning of the run. */
const stepOf = ({ work, ended, bytes, saved, retries, ...step }: RunStep) => ({
  ...step,
  ...(work && { ready_ms: work.ready, began_ms: work.began }),
  ended_ms: work?.ended ?? ended,
  bytes_fetched: bytes,
  ms_saved: saved,
  retries: retries.map(({ event: { attempt, failure, wait_ms }, at }) => ({ at_ms: at, attempt, wait_ms, failure })),
});
