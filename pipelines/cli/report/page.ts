import { hash } from 'node:crypto';

import { formatBytes } from '../render/format-bytes.ts';
import { formatDuration } from '../render/format-duration.ts';
import { formatSummary } from '../render/format-summary.ts';
import { type Section, section } from './blocks.ts';
import { graph } from './draw-graph.ts';
import { timeline } from './draw-timeline.ts';
import type { ReportFacts } from './facts.ts';
import { conflict, failures, noteList, retryTable } from './failures.ts';
import { markup, type Markup, ours, type Part } from './markup.ts';
import { mark, meaning, outcome, shapes, ways } from './marks.ts';
import type { RunModel } from './run-model.ts';
import { script } from './script.ts';
import { style } from './style.ts';
import { fetchedTable, moment, pathTable, runTable, sizeTable, slowestTable, stepTable, taskTable } from './tables.ts';
import { verdictOf } from './told.ts';

/** How every page begins: by this one that we wrote is known. */
export const pageStart = '<!doctype html><!-- pipeline report -->';

/** A run as one page that needs nothing else: no request, no script that it could not do without. */
export function page(facts: ReportFacts): string {
  const { run, n } = facts;
  const anchors = new Map([...new Set(run.steps.map(({ task }) => task))].map((task, at) => [task, `task-${at}`]));
  const sections = sectionsOf(facts, (task) => anchors.get(task)!);
  const body = markup`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${policy()}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="referrer" content="no-referrer" />
      <meta name="color-scheme" content="light dark" />
      <title>${run.subject}: ${run.pipeline} ${verdictOf(run)}</title>
      <link rel="icon" href="data:," />
      ${ours(`<style>${style}</style>`)}
    </head>
    <body>
      <a class="skip" href="#content">To the content</a>
      ${shapes()} ${heading(run, n)}
      <nav aria-label="Parts of this page">
        <ul>
          ${sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)}
        </ul>
      </nav>
      <main id="content" tabindex="-1">${sections.map(section)}</main>
      <footer>
        Written by pipeline ${run.head.release}. Times are of the machine that ran it.
        <code>pipeline report ${run.head.id} --run ${n}</code> writes this page again.
      </footer>
      ${ours(`<script>${script}</script>`)}
    </body>
  </html> `;
  return `${pageStart}\n${body.text}`;
}

const sha = (text: string): string => `'sha256-${hash('sha256', text, 'base64')}'`;

/** Nothing may be loaded, sent or run, but what stands in the page. */
const policy = (): string =>
  `default-src 'none'; style-src ${sha(style)}; script-src ${sha(script)}; img-src data:; base-uri 'none'; form-action 'none'`;

function heading(run: RunModel, n: number): Markup {
  const { summary, head } = run;
  const verdict = verdictOf(run);
  const sign = { done: mark('built'), failed: mark('failed'), stopped: mark('skipped') }[verdict];
  const tiles: readonly (readonly [Part, Part])[] = [
    ...ways.map((way) => [outcome(way), summary[way]] as const),
    ['Fetched', formatBytes(summary.bytes_fetched)],
    ['Took', formatDuration(summary.ms)],
    ['Saved', formatDuration(summary.ms_saved)],
  ];
  const limits = Object.entries(head.limits).map(([resource, most]) => `${resource} ${most}`);
  const how = [
    `installer ${head.installer}`,
    `links ${head.link_mode}`,
    ...(head.offline ? ['offline'] : []),
    ...(head.verify ? ['verifying'] : []),
  ];
  const facts: readonly (readonly [string, Part])[] = [
    ['Target', markup`<code>${head.target}</code>`],
    ['Began', moment(run.began)],
    ['Run', `${n}, ${run.pipeline}`],
    ['Exit code', summary.exit_code],
    ['Tools', `pipeline ${head.release}, Node ${head.runtime}, ${head.platform}`],
    ['How', how.join(', ')],
    ['At once', limits.join(', ')],
  ];
  return markup`<header>
    <p class="kicker">pipeline · report of a run</p>
    <h1>${head.id}</h1>
    <p class="lead verdict ${verdict}">${sign}${formatSummary(run, summary)}</p>
    <dl class="tiles">
      ${tiles.map(
        ([name, value]) =>
          markup`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <dl class="facts">
      ${facts.map(
        ([name, value]) =>
          markup`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </header>`;
}

const part = (id: string, title: string, body: Markup | undefined): readonly Section[] =>
  body === undefined ? [] : [{ id, title, body }];

/** The parts of the page that have something to say, what matters most first. */
function sectionsOf(facts: ReportFacts, anchorOf: (task: string) => string): readonly Section[] {
  const { run, n, runs, sizes } = facts;
  const wasAtWork = run.steps.some(({ work }) => work !== undefined);
  const isGraph = run.steps.some(({ needs }) => needs.length > 0);
  const retries = retryTable(run.steps);
  const notes = run.notes.length > 0 ? noteList(run.notes, run.steps) : undefined;
  const slow = slowestTable(run);
  return [
    ...part('failures', 'Failures', failures(run)),
    ...part('notes', 'Warnings and notes', notes || retries ? markup`${notes} ${retries}` : undefined),
    ...part('timeline', 'Timeline', wasAtWork ? markup`${legend()} ${pathLegend()} ${timeline(run)}` : undefined),
    ...part('graph', 'Graph', isGraph ? markup`${legend()} ${graphLegend()} ${graph(run.steps, anchorOf)}` : undefined),
    ...part('tasks', 'Hits and misses', run.steps.length > 0 ? taskTable(run, anchorOf) : undefined),
    ...part('slowest', 'Where the time went', slow && markup`${pathTable(run)} ${slow}`),
    ...part('fetched', 'Bytes fetched', fetchedTable(run)),
    ...part('wheels', 'Python packages', wheels(facts)),
    ...part(
      'sizes',
      'Sizes on disk',
      sizes &&
        markup`<p>
            What the target holds now. Shared is what the store or other targets have too: it is on the disk once.
          </p>
          ${sizeTable(sizes)}`,
    ),
    ...part('steps', 'All steps', run.steps.length > 0 ? markup`${filter()} ${stepTable(run)}` : undefined),
    ...part('runs', 'Runs', runTable(runs, n)),
  ];
}

const legend = (): Markup =>
  markup`<ul class="legend">
    ${ways.map((way) => markup`<li>${outcome(way)} ${meaning[way]}</li>`)}
  </ul>`;

const pathLegend = (): Markup =>
  markup`<p class="quiet">
    A line under a bar: it is on the critical path. Above the bars of each resource: how many steps were ready and
    waited for it.
  </p>`;

const graphLegend = (): Markup =>
  markup`<p class="quiet">
    A box for each task, a mark in it for each step. Data flows along the arrows; one that follows from others is left
    out.
  </p>`;

function wheels({ wheels: { chosen, conflicts, notes }, run }: ReportFacts): Markup {
  const count = run.steps.filter(({ task }) => task === 'unpack-wheel').length;
  const said = [
    count > 0 && `This run unpacked or found ${count} of them.`,
    chosen === undefined &&
      `When they were chosen is not on record here: \`pipeline validate ${run.head.id}\` chooses them.`,
    chosen !== undefined && conflicts.length === 0 && 'Nobody asks for versions that exclude each other.',
  ].filter(Boolean);
  return markup`
    <p>${said.join(' ')}${chosen !== undefined && markup` They were chosen ${moment(chosen)}.`}</p>
    ${conflicts.map(conflict)} ${notes.length > 0 && noteList(notes, [])}
  `;
}

const filter = (): Markup =>
  markup`<div class="tools" data-tool="filter" hidden role="group" aria-label="Which steps are shown">
    <label>Find <input type="search" autocomplete="off" spellcheck="false" /></label>
    ${ways.map((way) => markup`<label><input type="checkbox" value="${way}" checked />${outcome(way)}</label>`)}
    <output aria-live="polite"></output>
  </div>`;
