import type { Failure } from '#engine';
import { failureLines } from '../render/format-failure.ts';
import { formatBytes } from '../render/format-bytes.ts';
import { formatDuration } from '../render/format-duration.ts';
import { type RunModel, type RunStep, workMs } from './run-model.ts';
import { slowest, verdictOf } from './told.ts';

const most = { slowest: 5, failures: 10, notes: 10, lines: 20, columns: 200 };

const verdicts = { done: '✅ done', failed: '❌ failed', stopped: '⏹️ stopped' };

/**
 * A run on half a page of GitHub's Markdown: what it came to, what failed and why, what took longest. Nothing that came from
 * anybody else is read as markup. At most 300 kB, whatever happened.
 */
export function markdownSummary(run: RunModel): string {
  const { pipeline, subject, summary } = run;
  return [
    `### ${plain(pipeline)} ${plain(subject)}: ${verdicts[verdictOf(run)]}`,
    table(
      ['Built', 'Cached', 'Failed', 'Skipped', 'Fetched', 'Time', 'Time saved'],
      [
        [
          ...[summary.built, summary.cached, summary.failed, summary.skipped].map(String),
          formatBytes(summary.bytes_fetched),
          formatDuration(summary.ms),
          formatDuration(summary.ms_saved),
        ],
      ],
    ),
    ...failuresOf(run),
    ...notesOf(run),
    ...slowestOf(run),
  ]
    .map((block) => `${block}\n`)
    .join('\n');
}

function failuresOf({ steps, summary }: RunModel): readonly string[] {
  const failed = steps.flatMap(({ task, title, failure }) =>
    failure === undefined || failure.kind === 'offline' || failure.kind === 'cancelled'
      ? []
      : [{ task, title, failure }],
  );
  const shown = failed.slice(0, most.failures);
  const { missing } = summary;
  return [
    ...shown.map(({ task, title, failure }) => failureBlock(`${task} ${title}`, failure)),
    ...(failed.length > shown.length ? [`… and ${failed.length - shown.length} more.`] : []),
    // Whichever steps needed it: it is missing once.
    ...(missing === undefined ? [] : [failureBlock('Not in the cache', { kind: 'offline', missing })]),
  ];
}

function failureBlock(title: string, failure: Failure): string {
  const lines = failureLines(failure);
  const shown = lines.length > most.lines ? [...lines.slice(0, most.lines), '…'] : lines;
  return `**${plain(title)}**\n\n<pre>${shown.map(asItIs).join('\n')}</pre>`;
}

function notesOf({ notes, steps }: RunModel): readonly string[] {
  const titles = new Map(steps.map(({ step, title }) => [step, title]));
  const warnings = notes.filter(({ level }) => level === 'warning').slice(0, most.notes);
  if (warnings.length === 0) return [];
  const lines = warnings.map(({ text, step }) =>
    [step === undefined ? undefined : titles.get(step), text].filter(Boolean),
  );
  return [lines.map((parts) => `- ⚠️ ${plain(parts.join(': '))}`).join('\n')];
}

function slowestOf(run: RunModel): readonly string[] {
  const steps = slowest(run, most.slowest);
  if (steps.length === 0) return [];
  return [table(['Slowest steps', 'Time', 'Fetched', 'Why'], steps.map(rowOf))];
}

const rowOf = (step: RunStep): readonly string[] => [
  `${plain(step.task)} ${plain(step.title)}`,
  formatDuration(workMs(step)),
  step.bytes === 0 ? '' : formatBytes(step.bytes),
  plain(step.reason),
];

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Text in one line. */
const plain = (text: string): string => asItIs(text.replaceAll(/\s+/g, ' ').trim());

/** A line that is shown as it is: in Markdown every sign may mean something, and one that is written by its number means itself. */
const asItIs = (line: string): string => cut(line).replaceAll(/[!-/:-@[-`{-~]/g, (sign) => `&#${sign.codePointAt(0)};`);

const cut = (line: string): string => (line.length > most.columns ? `${line.slice(0, most.columns)}…` : line);
