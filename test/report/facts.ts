import type { Chronicle } from '../../pipelines/cli/chronicle.ts';
import type { ReportFacts } from '../../pipelines/cli/report/facts.ts';
import { modelOf } from '../../pipelines/cli/report/run-model.ts';
import { hostile } from './chronicles.ts';

/** What a report tells of a run that is made up, with something in every part of it. */
export const factsOf = (chronicle: Chronicle): ReportFacts => {
  const run = modelOf(chronicle);
  const { ms, built, cached, failed, skipped } = run.summary;
  const line = { began: run.began, ms, built, cached, failed, skipped };
  return {
    run,
    n: 2,
    runs: [
      { ...line, n: 1, pipeline: hostile, verdict: 'failed' },
      { ...line, n: 2, pipeline: run.pipeline, verdict: 'done' },
    ],
    wheels: {
      chosen: new Date('2026-02-28T12:00:00Z'),
      conflicts: run.steps.flatMap(({ failure }) => (failure?.kind === 'conflict' ? [failure] : [])),
      notes: [{ at: 0, level: 'warning', text: `numpy moves from 1.26 to 2.1 ${hostile}` }],
    },
    sizes: {
      parts: [
        { name: 'models', shared: 14e9, own: 0 },
        { name: hostile, shared: 2e6, own: 5e7 },
      ],
      shared: 14_002_000_000,
      own: 5e7,
      others: 3e6,
    },
  };
};
