import { formatCount } from '../render/format-count.ts';
import { cut } from './blocks.ts';
import { groupSteps } from './group-steps.ts';
import { markup, type Markup } from './markup.ts';
import { type Arrow, type Group, layOutGroups, type Placed, type Point } from './layout-graph.ts';
import { markAt, ways } from './marks.ts';
import type { RunStep } from './run-model.ts';
import { countWays } from './told.ts';

/** A drawing with more groups than this is a knot: the list alone is given. */
const mostGroups = 60;
const width = 214;
const perRow = 12;
const pitch = 16;
const mostRows = 12;
const head = 48;
const margin = 10;

/** The graph of a run, by task: a box for each with a mark for every step; the same as a list. */
export function graph(steps: readonly RunStep[], anchorOf: (task: string) => string): Markup {
  const groups = groupSteps(steps);
  return markup`
    ${groups.length <= mostGroups && drawing(groups, anchorOf)}
    <details class="as-list">
      <summary>The graph as a list</summary>
      <ol>
        ${groups.map((group) => listItem(group, groups, anchorOf))}
      </ol>
    </details>
  `;
}

function drawing(groups: readonly Group[], anchorOf: (task: string) => string): Markup {
  const laid = layOutGroups(groups, { width, heightOf, between: { columns: 64, rows: 18 } });
  const [wide, tall] = [laid.width + 2 * margin, laid.height + 2 * margin];
  return markup`<div class="tools" data-tool="zoom" hidden role="group" aria-label="Size of the graph">
      <button type="button" data-zoom="out" aria-label="Smaller">−</button>
      <button type="button" data-zoom="fit">Fit</button>
      <button type="button" data-zoom="in" aria-label="Larger">+</button>
    </div>
    <div class="scroll canvas" role="region" tabindex="0" aria-label="Graph of the run, scrolls">
      <svg
        class="graph"
        data-tool="graph"
        width="${wide}"
        height="${tall}"
        viewBox="${-margin} ${-margin} ${wide} ${tall}"
        role="group"
        aria-label="Graph: ${formatCount(groups.length, 'group')} of steps, data flows to the right"
      >
        ${laid.arrows.map(arrow)} ${laid.boxes.map((box) => boxOf(box, anchorOf(box.task)))}
      </svg>
    </div>`;
}

function heightOf({ steps }: Group): number {
  if (steps.length === 1) return head + 10;
  return head + Math.min(mostRows, Math.ceil(steps.length / perRow)) * pitch + 6;
}

function boxOf({ x, y, height, task, steps, isChain }: Placed, anchor: string): Markup {
  const [only] = steps.length === 1 ? steps : [];
  const shown = steps.slice(0, mostRows * perRow);
  const counts = countsOf(steps);
  const rest = steps.length > shown.length ? `, ${steps.length - shown.length} more` : '';
  const chain = isChain ? ', in turn' : '';
  const about = only === undefined ? cut(counts + chain + rest, 34) : cut(only.title, 28);
  return markup`<a href="#${anchor}" aria-label="${task}: ${counts}${chain}">
    <title>${task}: ${counts}</title>
    <rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="6" />
    <text class="name" x="${x + 12}" y="${y + 20}">${cut(task, only === undefined ? 26 : 22)}</text>
    <text class="small" x="${x + 12}" y="${y + 37}">${about}</text>
    ${only !== undefined && markAt(only.outcome, { x: x + width - 26, y: y + 9, size: 14 })}
    ${
      only === undefined &&
      shown.map((step, at) => {
        const place = {
          x: x + 12 + (at % perRow) * pitch,
          y: y + head - 2 + Math.floor(at / perRow) * pitch,
          size: 12,
        };
        return markup`<g><title>${step.title}: ${step.outcome}</title>${markAt(step.outcome, place)}</g>`;
      })
    }
  </a>`;
}

/** `3 built, 77 cached` */
function countsOf(steps: readonly RunStep[]): string {
  const counts = countWays(steps);
  return ways.flatMap((way) => (counts[way] > 0 ? `${counts[way]} ${way}` : [])).join(', ');
}

function arrow({ points }: Arrow): Markup {
  const [first, ...others] = points;
  const end = points.at(-1)!;
  const path = others.reduce(({ text, from }, to) => ({ text: `${text}${curve(from, to)}`, from: to }), {
    text: `M${at(first!)}`,
    from: first!,
  }).text;
  const tip = `M${at(end)}l-7 -4v8z`;
  return markup`<path class="arrow" d="${path}" /><path class="tip" d="${tip}" />`;
}

function curve(from: Point, to: Point): string {
  const middle = (from.x + to.x) / 2;
  return from.y === to.y ? `L${at(to)}` : `C${at({ ...from, x: middle })} ${at({ ...to, x: middle })} ${at(to)}`;
}

const at = ({ x, y }: Point): string => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;

function listItem(
  { task, steps, needs, isChain }: Group,
  groups: readonly Group[],
  anchorOf: (task: string) => string,
): Markup {
  const uses = needs.map((need) => groups[need]!.task).join(', ');
  return markup`<li>
    <a href="#${anchorOf(task)}">${task}</a>:
    ${countsOf(steps)}${isChain && ', one after another'}${uses === '' ? '' : `; uses ${uses}`}
  </li>`;
}
