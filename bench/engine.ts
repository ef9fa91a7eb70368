import * as z from 'zod';

import type { Answer } from '#cache';
import { defineTask, localExecutor, planFor, run, type SiteTools, type Step, type Workshop } from '#engine';
import type { Line } from './report.ts';
import type { Stopwatch } from './stopwatch.ts';

const trivial = defineTask({
  name: 'trivial',
  revision: 1,
  resource: 'cpu',
  input: z.object({ n: z.int() }),
  output: z.int(),
  title: ({ n }) => `Step ${n}`,
  run: async ({ n }) => n + 1,
});

const all = defineTask({
  name: 'all',
  revision: 1,
  resource: 'cpu',
  input: z.object({ steps: z.array(z.int()) }),
  output: z.int(),
  title: () => 'All',
  run: async ({ steps }) => steps.length,
});

/** What the engine itself costs for each step that is built, in this process, with nothing to do and nothing on disk. */
export async function engineOverhead({ runs }: Stopwatch): Promise<readonly Line[]> {
  const [few, many] = [1_000, 10_000];
  await built(few);
  // First, while nothing of other runs is left to be collected.
  const { bytes } = await built(many);
  const perStep = async (count: number): Promise<number> => {
    const times: number[] = [];
    for (let n = 0; n < runs; n++) times.push((await built(count)).us);
    return times.toSorted((a, b) => a - b)[Math.floor(runs / 2)]!;
  };
  const [usFew, usMany] = [await perStep(few), await perStep(many)];
  const lines: readonly Line[] = [
    {
      what: `engine, ${few} built steps`,
      measured: `${usFew.toFixed(0)} us a step`,
      figure: usFew,
      unit: 'us',
      budget: 150,
    },
    {
      what: `engine, ${many} built steps`,
      measured: `${usMany.toFixed(0)} us a step`,
      figure: usMany,
      unit: 'us',
      budget: 150,
    },
    {
      what: 'engine, cost of ten times the steps',
      measured: `${(usMany / usFew).toFixed(2)} x a step`,
      figure: (usMany / usFew) * 10,
      unit: 'x',
      budget: 11,
    },
    {
      what: 'engine, memory',
      measured: `${(bytes / 1024).toFixed(1)} KB a step`,
      figure: bytes / 1024,
      unit: 'KB',
      budget: 4,
    },
  ];
  return lines.map((line) => ({ ...line, runs }));
}

async function built(count: number): Promise<{ readonly us: number; readonly bytes: number }> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const steps: Step<number>[] = Array.from({ length: count }, (_, n) => trivial({ n }));
  const plan = planFor(all({ steps }));
  // Looked at when the last step is done: the plan, the ledger and the records are all there.
  let bytes = 0;
  const emit: Workshop['emit'] = (event) => {
    if (event.type !== 'step.finished' || event.step !== count) return;
    globalThis.gc?.();
    bytes = (process.memoryUsage().heapUsed - before) / count;
  };
  const began = performance.now();
  const ran = await run(plan, { pipeline: 'bench', subject: '' }, { ...emptyWorkshop(), emit });
  const us = ((performance.now() - began) * 1000) / count;
  if (ran.output !== count || bytes === 0) throw new Error('the run went wrong');
  return { us, bytes };
}

function emptyWorkshop(): Workshop {
  const records = new Map<string, Answer>();
  return {
    results: { lookup: (key) => records.get(key), save: (answer) => void records.set(answer.key, answer) },
    proves: () => true,
    claims: { hold: async (_, work) => work() },
    executor: localExecutor(async ({ signal, report }) => ({
      tools: { signal, report } as SiteTools,
      [Symbol.asyncDispose]: async () => {},
    })),
    emit: () => {},
    limits: { network: 8, cpu: 2, disk: 4 },
    keepGoing: false,
    verify: false,
    signal: new AbortController().signal,
    wait: async () => {},
  };
}
