import { join, resolve } from 'node:path';

import { type KeptRun, openRuns } from '#cache';
import { Failed } from '#engine';
import { realizedAt } from '../../tasks/tools/site/history.ts';
import { measureTarget } from '../../tasks/tools/site/measure.ts';
import { writeText } from '../documents/json.ts';
import type { Around } from './around.ts';
import { type Chronicle, parseChronicle } from './chronicle.ts';
import { refuseOther } from './refuse-other.ts';
import { formatSummary } from './render/format-summary.ts';
import { documentOf } from './report/document.ts';
import type { ReportFacts, RunLine, SizeFacts, WheelFacts } from './report/facts.ts';
import { markdownSummary } from './report/markdown-summary.ts';
import { page, pageStart } from './report/page.ts';
import { modelOf, type RunModel } from './report/run-model.ts';
import { verdictOf } from './report/told.ts';
import { tell } from './tell.ts';
import type { FlagsOf } from './verbs.ts';
import { whichTarget } from './which-target.ts';

type Flags = FlagsOf<'report'>;

/** `pipeline report <id>`: a run of a version, told as a page, a summary, or a document. Answers the exit code. */
export async function commandReport(around: Around, id: string, flags: Flags): Promise<number> {
  const facts = factsFor(around, id, flags);
  if (flags.json) tell(around, { lines: [], document: documentOf(facts) }, { json: true });
  else if (flags.format === 'markdown') write(around, markdownSummary(facts.run), flags.output ?? '-', facts);
  else write(around, page(facts), flags.output ?? `${facts.run.head.id}-report.html`, facts);
  return 0;
}

function write({ cwd, stdout }: Around, text: string, to: string, { run, n }: ReportFacts): void {
  if (to === '-') return void stdout.write(text);
  const file = resolve(cwd, to);
  const start = text.startsWith(pageStart) ? pageStart : '### ';
  refuseOther(file, { start, what: 'a report' });
  writeText(file, text);
  stdout.write(
    `Wrote ${file}\n  run ${n}: ${formatSummary({ pipeline: run.pipeline, subject: run.subject }, run.summary)}\n`,
  );
}

/** A run that is kept, read. */
interface Read {
  readonly n: number;
  readonly chronicle: Chronicle;
}

/** The run that is meant, and all that is known around it. Throws `absent` where none is kept. */
function factsFor(around: Around, word: string, flags: Flags): ReportFacts {
  const { id, paths } = whichTarget(around, word, flags);
  const subjects = openRuns(join(paths.cache, 'runs'))
    .all()
    .map(readAll)
    .filter((runs) => runs.at(-1)?.chronicle.head.id === id);
  const isMeant = ({ head }: Chronicle): boolean => flags.target === undefined || head.target === paths.target;
  const [runs = []] = subjects
    .filter((all) => isMeant(all.at(-1)!.chronicle))
    .toSorted((a, b) => (latestOf(a) < latestOf(b) ? 1 : -1));
  const meant = flags.run === undefined ? runs.at(-1) : runs.find(({ n }) => n === flags.run);
  if (meant === undefined) throw nothingKept(id, flags, runs);
  const run = modelOf(meant.chronicle);
  const sizes = sizesOf(run);
  const all = subjects.flat().map(({ chronicle }) => modelOf(chronicle));
  return {
    run,
    n: meant.n,
    runs: runs.map(({ n, chronicle }) => lineOf(n, modelOf(chronicle))),
    wheels: wheelsIn(run, all),
    ...(sizes && { sizes }),
  };
}

const readAll = (runs: readonly KeptRun[]): readonly Read[] =>
  runs.flatMap(({ n, read }) => {
    const chronicle = parseChronicle(read());
    return chronicle === undefined ? [] : [{ n, chronicle }];
  });

const latestOf = (runs: readonly Read[]): string => runs.at(-1)!.chronicle.head.at;

function nothingKept(id: string, { run, target }: Flags, runs: readonly Read[]): Failed {
  const where = target === undefined ? '' : ` into ${target}`;
  const numbers = runs.map(({ n }) => n).join(', ');
  return new Failed({
    kind: 'absent',
    what: run === undefined ? `A run of ${id}${where}` : `Run ${run} of ${id}${where}`,
    hint:
      runs.length > 0 ? `there are ${numbers}` : `\`pipeline realize ${id}\` is one; a run with nothing to do is none`,
  });
}

const lineOf = (n: number, { pipeline, began, summary, ...run }: RunModel): RunLine => {
  const { ms, built, cached, failed, skipped } = summary;
  return { n, pipeline, began, verdict: verdictOf({ ...run, summary }), ms, built, cached, failed, skipped };
};

/** The steps of a run that chose packages. */
const choosing = ({ steps }: RunModel): readonly number[] =>
  steps.flatMap(({ step, task, work }) => (task === 'resolve-wheels' && work !== undefined ? [step] : []));

/** What choosing the packages met with: in this run, else when the version was last validated before it. */
function wheelsIn(run: RunModel, all: readonly RunModel[]): WheelFacts {
  const earlier = all
    .filter((other) => other.began <= run.began && choosing(other).length > 0)
    .toSorted((a, b) => a.began.getTime() - b.began.getTime());
  const source = earlier.at(-1);
  if (source === undefined) return { conflicts: [], notes: [] };
  const ids = new Set(choosing(source));
  return {
    chosen: source.began,
    conflicts: source.steps.flatMap(({ failure }) => (failure?.kind === 'conflict' ? [failure] : [])),
    // Those of this run are told with its other notes.
    notes: source.began.getTime() === run.began.getTime() ? [] : source.notes.filter(({ step }) => ids.has(step ?? -1)),
  };
}

/** What the target holds, when it is still a target of this version. */
function sizesOf({ head: { id, target } }: RunModel): SizeFacts | undefined {
  if (realizedAt(target)?.version !== id) return undefined;
  const { slots, others } = measureTarget(target);
  const parts = [...slots].map(([name, size]) => ({ name, ...size }));
  const sum = (of: 'shared' | 'own'): number => parts.reduce((bytes, part) => bytes + part[of], 0);
  return { parts, others, shared: sum('shared'), own: sum('own') };
}
