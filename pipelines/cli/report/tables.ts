import { formatBytes } from '../render/format-bytes.ts';
import { formatDuration } from '../render/format-duration.ts';
import { formatTime } from '../render/format-time.ts';
import { type Column, none, table } from './blocks.ts';
import type { RunLine, SizeFacts } from './facts.ts';
import { markup, type Markup, type Part } from './markup.ts';
import { outcome } from './marks.ts';
import { type RunModel, type RunStep, type Way, workMs } from './run-model.ts';
import { byTask, criticalPath, type Link, type OfTask, slowest } from './told.ts';

const time = (ms: number): Part => (ms > 0 ? formatDuration(ms) : none);
const bytes = (count: number): Part => (count > 0 ? formatBytes(count) : none);
const number = (count: number): Part => (count > 0 ? count : none);

/** Where a step stands in the table of all steps. */
const stepAnchor = ({ step }: Pick<RunStep, 'step'>): string => `step-${step}`;

const link = (step: RunStep): Markup => markup`<a href="#${stepAnchor(step)}">${step.name}</a>`;

const countColumn = (way: Way): Column<OfTask> => ({
  name: `${way[0]!.toUpperCase()}${way.slice(1)}`,
  cell: ({ counts }) => number(counts[way]),
  value: ({ counts }) => counts[way],
});

/** What became of each task's steps: hits and misses, time, bytes. */
export function taskTable(run: RunModel, anchorOf: (task: string) => string): Markup {
  const rows = byTask(run);
  const sum = (of: (row: OfTask) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const totals: readonly Part[] = [
    sum(({ steps }) => steps.length),
    ...(['built', 'cached', 'failed', 'skipped'] as const).map((way) => number(sum(({ counts }) => counts[way]))),
    time(sum((row) => row.workMs)),
    bytes(sum((row) => row.bytes)),
    time(sum(({ savedMs }) => savedMs)),
  ];
  return table({
    caption: 'Steps by task',
    columns: [
      { name: 'Task', cell: ({ task, steps }) => markup`<a href="#${stepAnchor(steps[0]!)}">${task}</a>` },
      { name: 'Steps', cell: ({ steps }) => steps.length, value: ({ steps }) => steps.length },
      countColumn('built'),
      countColumn('cached'),
      countColumn('failed'),
      countColumn('skipped'),
      { name: 'At work', cell: (row) => time(row.workMs), value: (row) => row.workMs },
      { name: 'Fetched', cell: (row) => bytes(row.bytes), value: (row) => row.bytes },
      { name: 'Saved', cell: ({ savedMs }) => time(savedMs), value: ({ savedMs }) => savedMs },
    ],
    rows,
    idOf: ({ task }) => anchorOf(task),
    foot: markup`<tfoot>
      <tr>
        <th scope="row">Together</th>
        ${totals.map((total) => markup`<td class="number">${total}</td>`)}
      </tr>
    </tfoot>`,
  });
}

/** Every step of a run. */
export const stepTable = ({ steps }: RunModel): Markup =>
  table<RunStep>({
    caption: `All ${steps.length} steps, in the order of the plan`,
    isTool: true,
    columns: [
      {
        name: 'Step',
        cell: ({ name, title }) =>
          markup`<span>${name}</span>${!name.endsWith(title) && markup` <small>${title}</small>`}`,
      },
      { name: 'Outcome', cell: (step) => outcome(step.outcome) },
      {
        name: 'Began',
        cell: ({ work }) => (work === undefined ? none : formatDuration(work.began)),
        value: ({ work, ended }) => work?.began ?? ended,
      },
      {
        name: 'Waited',
        cell: ({ work }) => time(work === undefined ? 0 : work.began - work.ready),
        value: ({ work }) => (work === undefined ? 0 : work.began - work.ready),
      },
      { name: 'At work', cell: (step) => time(workMs(step)), value: workMs },
      { name: 'Fetched', cell: (step) => bytes(step.bytes), value: (step) => step.bytes },
      { name: 'Saved', cell: ({ saved }) => time(saved), value: ({ saved }) => saved },
      { name: 'Why', cell: (step) => whyOf(step, steps) },
    ],
    rows: steps,
    idOf: stepAnchor,
    classOf: (step) => step.outcome,
  });

function whyOf({ outcome: way, reason, because, work }: RunStep, steps: readonly RunStep[]): Part {
  const cause = because === undefined ? undefined : steps.find(({ step }) => step === because);
  if (cause !== undefined) return markup`needs ${link(cause)}`;
  if (way === 'skipped') return work === undefined ? 'the run ended first' : 'stopped at work';
  return reason;
}

/** The chain that the run's length hangs on. */
export function pathTable(run: RunModel): Markup | undefined {
  const rows = criticalPath(run);
  if (rows.length < 2) return undefined;
  return table<Link>({
    caption: 'Critical path: what each of these took, the run took',
    columns: [
      { name: 'Step', cell: ({ step }) => link(step) },
      { name: 'Waited', cell: ({ waitedMs }) => time(waitedMs), value: ({ waitedMs }) => waitedMs },
      { name: 'At work', cell: ({ step }) => time(workMs(step)), value: ({ step }) => workMs(step) },
      {
        name: 'Of the run',
        cell: ({ step }) => share(workMs(step), run.summary.ms),
        value: ({ step }) => workMs(step),
      },
    ],
    rows,
  });
}

/** The steps that were longest at work. */
export function slowestTable(run: RunModel): Markup | undefined {
  const rows = slowest(run, 10);
  if (rows.length === 0) return undefined;
  const most = workMs(rows[0]!);
  return table<RunStep>({
    caption: 'Slowest steps',
    columns: [
      { name: 'Step', cell: link },
      { name: 'At work', cell: (step) => time(workMs(step)), value: workMs },
      { name: 'Against the slowest', cell: (step) => gauge(workMs(step), most) },
    ],
    rows,
  });
}

const speed = (step: RunStep): Part =>
  workMs(step) >= 1 ? `${formatBytes((step.bytes / workMs(step)) * 1000)}/s` : none;

/** What was fetched, the most first. */
export function fetchedTable({ steps }: RunModel): Markup | undefined {
  const rows = steps.filter((step) => step.bytes > 0).toSorted((a, b) => b.bytes - a.bytes);
  if (rows.length === 0) return undefined;
  return table<RunStep>({
    caption: rows.length > 20 ? `Fetched: the 20 largest of ${rows.length}` : 'Fetched',
    columns: [
      { name: 'Step', cell: link },
      { name: 'Bytes', cell: (step) => bytes(step.bytes), value: (step) => step.bytes },
      { name: 'Speed', cell: speed, value: (step) => step.bytes / Math.max(1, workMs(step)) },
      { name: 'Against the largest', cell: (step) => gauge(step.bytes, rows[0]!.bytes) },
    ],
    rows: rows.slice(0, 20),
  });
}

/** What a target holds, the largest part first. */
export function sizeTable({ parts, others, shared, own }: SizeFacts): Markup {
  const rows = [...parts, ...(others > 0 ? [{ name: 'not of pipeline', shared: 0, own: others }] : [])];
  const of = (row: (typeof rows)[number]): number => row.shared + row.own;
  const most = Math.max(0, ...rows.map(of));
  const sum = [bytes(shared), bytes(own + others), markup`<span></span>`];
  return table({
    caption: 'Sizes on disk',
    columns: [
      { name: 'Part', cell: ({ name }) => name },
      { name: 'Shared', cell: (row) => bytes(row.shared), value: (row) => row.shared },
      { name: 'Own', cell: (row) => bytes(row.own), value: (row) => row.own },
      { name: 'Against the largest', cell: (row) => gauge(of(row), most) },
    ],
    rows: rows.toSorted((a, b) => of(b) - of(a)),
    foot: markup`<tfoot>
      <tr>
        <th scope="row">Together</th>
        ${sum.map((total) => markup`<td class="number">${total}</td>`)}
      </tr>
    </tfoot>`,
  });
}

/** The runs that are kept, the latest first. */
export const runTable = (runs: readonly RunLine[], n: number): Markup =>
  table({
    caption: 'Runs of this version and target that are kept',
    columns: [
      { name: 'Run', cell: (run) => (run.n === n ? markup`<b aria-current="true">${run.n} (this one)</b>` : run.n) },
      { name: 'What', cell: ({ pipeline }) => pipeline },
      { name: 'When', cell: ({ began }) => moment(began) },
      { name: 'Ended', cell: ({ verdict }) => verdict },
      { name: 'Took', cell: ({ ms }) => formatDuration(ms), value: ({ ms }) => ms },
      { name: 'Built', cell: ({ built }) => number(built), value: ({ built }) => built },
      { name: 'Cached', cell: ({ cached }) => number(cached), value: ({ cached }) => cached },
      { name: 'Failed', cell: ({ failed }) => number(failed), value: ({ failed }) => failed },
    ],
    rows: runs.toReversed(),
  });

/** A moment, for people and for programs. */
export const moment = (at: Date): Markup => markup`<time datetime="${at.toISOString()}">${formatTime(at)}</time>`;

const share = (part: number, whole: number): Part => (whole > 0 ? `${Math.round((100 * part) / whole)} %` : none);

/** A bar as long as a number against the largest: for eyes alone, the number stands beside it. */
const gauge = (value: number, most: number): Markup =>
  markup`<svg class="gauge" width="120" height="8" aria-hidden="true">
    <rect class="back" width="120" height="8" rx="4" />
    <rect class="front" width="${most > 0 ? Math.max(2, Math.round((120 * value) / most)) : 0}" height="8" rx="4" />
  </svg>`;
