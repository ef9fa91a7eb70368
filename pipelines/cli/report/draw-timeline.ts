import { formatDuration } from '../render/format-duration.ts';
import { cut } from './blocks.ts';
import { markup, type Markup, type Part } from './markup.ts';
import { type Item, type Lane, lanesOf, queueOf, type QueueLength } from './lanes.ts';
import { markAt } from './marks.ts';
import type { RunModel } from './run-model.ts';
import { criticalPath } from './told.ts';

const width = 1040;
const left = 84;
const right = 16;
const top = 26;
const queueHeight = 26;
/** Room that a letter of a label takes, on the average. */
const letter = 6.3;

/** When each step was at work, a row for each place of a resource; above each resource how many steps waited for it. */
export function timeline(run: RunModel): Markup {
  const lanes = lanesOf(run);
  const end = Math.max(1, run.summary.ms, ...lanes.flatMap(({ items }) => items.map(({ ended }) => ended)));
  const xOf = (ms: number): number => left + (ms / end) * (width - left - right);
  const row = lanes.length > 40 ? 10 : 20;
  const path = new Set(criticalPath(run).map(({ step }) => step.step));
  let y = top;
  const parts: Part[] = [];
  for (const [resource, ofResource] of Map.groupBy(lanes, (lane) => lane.resource)) {
    const queue = queueOf(run.steps, resource);
    parts.push(queueOfResource(resource, queue, { y, xOf, end }));
    y += queueHeight + 6;
    for (const lane of ofResource) {
      parts.push(laneRow(lane, { y, row, xOf, path }));
      y += row + 3;
    }
    y += 12;
  }
  const height = y + 4;
  const ticks = ticksFor(end);
  return markup`<div class="scroll canvas" role="region" tabindex="0" aria-label="Timeline, scrolls">
    <svg
      class="timeline"
      width="${width}"
      height="${height}"
      viewBox="0 0 ${width} ${height}"
      role="img"
      aria-labelledby="timeline-name timeline-about"
    >
      <title id="timeline-name">Timeline of the run</title>
      <desc id="timeline-about">
        When each step was at work, by the resource it needs. The table of all steps has the same times.
      </desc>
      ${ticks.map((ms) => tick(xOf(ms), labelFor(ms, ticks[1]), height))} ${parts}
    </svg>
  </div>`;
}

interface Place {
  readonly y: number;
  readonly xOf: (ms: number) => number;
}

function laneRow(
  { resource, slot, items }: Lane,
  { y, row, xOf, path }: Place & { readonly row: number; readonly path: ReadonlySet<number> },
): Markup {
  const name = row > 12 ? `${resource} ${slot}` : '';
  return markup`<text class="small label" x="${left - 10}" y="${y + row / 2 + 4}">${name}</text>
    <rect class="lane" x="${left}" y="${y}" width="${width - left - right}" height="${row}" />
    ${items.map((item) => bar(item, { y, row, xOf, isOnPath: path.has(item.step.step) }))}`;
}

function bar(
  { step, began, ended }: Item,
  { y, row, xOf, isOnPath }: Place & { readonly row: number; readonly isOnPath: boolean },
): Markup {
  const x = xOf(began);
  const wide = Math.max(1.5, xOf(ended) - x);
  const [shape, name] = [place(x, y, wide, row), `${step.task} ${step.title}`];
  const letters = Math.floor((wide - 10 - (step.outcome === 'failed' ? 14 : 0)) / letter);
  const from = x + 5 + (step.outcome === 'failed' ? 14 : 0);
  return markup`<g class="bar ${step.outcome}">
    <title>${name}: ${step.outcome}, ${formatDuration(ended - began)} from ${formatDuration(began)} on</title>
    <rect class="fill" ${shape} />
    ${step.outcome === 'failed' && markup`<rect class="hatch" ${shape} />`}
    ${isOnPath && markup`<rect class="path" ${place(x, y + row - 3, wide, 3)} />`}
    ${step.outcome === 'failed' && wide > 16 && row > 12 && markAt('failed', { x: x + 3, y: y + 3, size: 13 })}
    ${row > 12 && letters > 4 && markup`<text class="small on" x="${from}" y="${y + 13}">${cut(labelOf(name, step.title, letters), letters)}</text>`}
  </g>`;
}

/** The whole name where it fits, else what tells the step from others. */
const labelOf = (name: string, title: string, letters: number): string => (name.length <= letters ? name : title);

const place = (x: number, y: number, wide: number, tall: number): Markup =>
  markup`x="${round(x)}" y="${y}" width="${round(wide)}" height="${tall}"`;

/** How many steps waited, as an area under a line. */
function queueOfResource(
  resource: string,
  lengths: readonly QueueLength[],
  { y, xOf, end }: Place & { readonly end: number },
): Markup {
  const most = Math.max(0, ...lengths.map(({ waiting }) => waiting));
  const base = y + queueHeight;
  const tall = (waiting: number): number => base - (waiting / Math.max(1, most)) * (queueHeight - 4);
  const steps = lengths.map(({ at, waiting }) => `H${round(xOf(at))}V${round(tall(waiting))}`).join('');
  const said = most === 0 ? 'nothing waited' : `up to ${most} waited`;
  return markup`<text class="small label strong" x="${left - 10}" y="${base - 5}">${resource}</text>
    ${most > 0 && markup`<path class="queue" d="M${left} ${base}${steps}H${round(xOf(end))}V${base}z" />`}
    <text class="small said" x="${width - right - 4}" y="${y + 14}">${said}</text>`;
}

const tick = (x: number, label: string, height: number): Markup => markup`
  <path class="tick" d="M${round(x)} ${top - 6}V${height}" />
  <text class="small at" x="${round(x)}" y="12">${label}</text>`;

/** Below a tenth of a second, what is rounded to one would be told twice. */
const labelFor = (ms: number, step = 100): string => (step < 100 ? `${Math.round(ms)} ms` : formatDuration(ms));

const hour = 3_600_000;

/** About six round moments of a run that took so long, in milliseconds. */
export function ticksFor(end: number): readonly number[] {
  const least = end / 6;
  const power = 10 ** Math.floor(Math.log10(least));
  const seconds = [1, 2, 5, 10].map((factor) => factor * power);
  // Above ten seconds, what is round is a part of sixty; above an hour, an hour.
  const sixties = [10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((s) => s * 1000);
  const step = (least > 7000 ? sixties : seconds).find((one) => one >= least) ?? Math.ceil(least / hour) * hour;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, n) => n * step);
}

const round = (value: number): number => Math.round(value * 10) / 10;
