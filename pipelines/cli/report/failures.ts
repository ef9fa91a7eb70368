import { describe, type Failure } from '#engine';
import { formatRetry } from '../render/format-retry.ts';
import { formatDuration } from '../render/format-duration.ts';
import { table } from './blocks.ts';
import { markup, type Markup } from './markup.ts';
import { outcome } from './marks.ts';
import type { Note, RunModel, RunStep } from './run-model.ts';

/** What failed, each with its message, what to do, and what it printed last; what is missing offline is told once. */
export function failures({ steps, summary }: RunModel): Markup | undefined {
  const failed = steps.filter(
    ({ failure }) => failure !== undefined && !['offline', 'cancelled'].includes(failure.kind),
  );
  const missing = summary.missing ?? [];
  if (failed.length === 0 && missing.length === 0) return undefined;
  return markup`${missing.length > 0 && failureBlock('Not in the cache', { kind: 'offline', missing })}
  ${failed.map(failedStep)}`;
}

const failedStep = ({ name, failure, output, retries }: RunStep): Markup =>
  failureBlock(name, failure!, { output, attempts: retries.length + 1 });

interface More {
  readonly output?: readonly string[];
  readonly attempts?: number;
}

function failureBlock(title: string, failure: Failure, { output = [], attempts = 1 }: More = {}): Markup {
  const { message, hint } = describe(failure);
  const printed = failure.kind === 'command' && failure.output.length > 0 ? [] : output;
  return markup`<article class="failure">
    <h3>${outcome('failed')} <span class="title">${title}</span></h3>
    ${failure.kind === 'conflict' ? conflict(failure) : markup`<pre class="message">${message}</pre>`}
    ${attempts > 1 && markup`<p>It was tried ${attempts} times.</p>`}
    ${hint !== undefined && markup`<p class="hint"><strong>What to do:</strong> ${hint}</p>`}
    ${failure.kind === 'bug' && tail('Where it happened', failure.stack.split('\n').slice(1))}
    ${printed.length > 0 && tail(`The last ${printed.length === 1 ? 'line' : `${printed.length} lines`} it printed`, printed)}
  </article>`;
}

const tail = (title: string, lines: readonly string[]): Markup =>
  markup`<details open>
    <summary>${title}</summary>
    <pre>${lines.join('\n')}</pre>
  </details>`;

/** Who wants what of a package that no version of it suits. */
export const conflict = ({ what, wants }: Extract<Failure, { kind: 'conflict' }>): Markup =>
  table({
    caption: `No version of ${what} suits everybody`,
    columns: [
      { name: 'Who', cell: ({ who }) => who },
      { name: 'Wants', cell: ({ what: wanted }) => markup`<code>${wanted}</code>` },
      { name: 'For', cell: ({ through }) => through ?? '' },
    ],
    rows: wants,
  });

/** Notes as a list: warnings first. */
export function noteList(notes: readonly Note[], steps: readonly RunStep[]): Markup {
  const titles = new Map(steps.map(({ step, name }) => [step, name]));
  const warnings = notes.filter(({ level }) => level === 'warning');
  const infos = notes.filter(({ level }) => level !== 'warning');
  const item = ({ level, text, step }: Note): Markup =>
    markup`<li class="${level === 'warning' ? 'warning' : 'info'}">
      <span class="tag">${level === 'warning' ? 'Warning' : 'Note'}</span>
      <span class="text">${step !== undefined && titles.has(step) && markup`<b>${titles.get(step)}</b>: `}${text}</span>
    </li>`;
  return markup`<ul class="notes">
    ${[...warnings, ...infos].map(item)}
  </ul>`;
}

/** Which steps were tried again, when, and why. */
export function retryTable(steps: readonly RunStep[]): Markup | undefined {
  const rows = steps.flatMap(({ name, retries }) => retries.map(({ at, event }) => ({ name, at, event })));
  if (rows.length === 0) return undefined;
  return table({
    caption: 'Tried again',
    columns: [
      { name: 'Step', cell: ({ name }) => name },
      { name: 'After', cell: ({ at }) => formatDuration(at), value: ({ at }) => at },
      { name: 'Attempt', cell: ({ event }) => formatRetry(event) },
    ],
    rows: rows.toSorted((a, b) => a.at - b.at),
  });
}
