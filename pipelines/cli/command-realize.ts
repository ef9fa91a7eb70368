import { type Emit, Failed, forecast, planFor, run } from '#engine';
import { isCurrent, type Lockfile } from '../documents/lockfile.ts';
import { realize, type RealizeFacts } from '../realize.ts';
import { type Around, saysYes } from './around.ts';
import { claimed } from './claimed.ts';
import { validateProject } from './command-validate.ts';
import { factsOf, runName } from './facts-of.ts';
import { lockOf, openProject, type Project } from './open-project.ts';
import { openWorkshop } from './open-workshop.ts';
import { groundsOf, onTape, witnessDocuments } from './grounds-of.ts';
import { keepRepeat } from './keep-repeat.ts';
import { finishRun, recordRun } from './record.ts';
import { openScreen } from './screen.ts';
import { showForecast } from './show-forecast.ts';
import type { FlagsOf } from './verbs.ts';

type Flags = FlagsOf<'realize'>;

/** `pipeline realize <id>`: makes a target what its lockfile pins. Answers the exit code. */
export async function commandRealize(around: Around, id: string | undefined, flags: Flags): Promise<number> {
  const documents = witnessDocuments(around, flags);
  const project = openProject(around, id ?? flags['version-id'], flags);
  const frozen = flags.frozen ?? saysYes(around.environment['CI']);
  const before = lockOf(project);
  const stale = before !== undefined && !isCurrent(before, project.version);
  if (frozen) refuseUnfrozen(project, before, stale);
  const { emit, told } = onTape(await openScreen(around, flags));
  for (const text of project.warnings) emit({ type: 'note', level: 'warning', text });
  if (stale) emit({ type: 'note', level: 'warning', text: staleText(project) });
  const { exitCode: refused = 0, lock } =
    before === undefined ? await firstLock(project, around, emit, flags) : { lock: before };
  if (lock === undefined) return refused;
  const skipModels = flags['skip-models'];
  const readOnly = flags['dry-run'] ?? false;
  const chosen = { ...(skipModels && { skipModels }), ...(flags.torch && { torch: flags.torch }) };
  const facts = await factsOf(project, lock, { around, emit, readOnly, ...chosen });
  if (readOnly) return lookAhead(project, facts, { around, emit, flags });
  const exitCode = await realizeProject(project, facts, { around, emit });
  if (exitCode === 0 && !flags.verify) keepRepeat(around, told, groundsOf(project, facts, documents));
  return exitCode;
}

const staleText = ({ version }: Project): string =>
  `versions/${version.id}.json has changed since its lockfile was written: \`pipeline validate ${version.id}\` takes it over`;

function refuseUnfrozen(project: Project, lock: Lockfile | undefined, stale: boolean): void {
  const file = `lockfiles/${project.version.id}.lock.json`;
  const hint = `run \`pipeline validate ${project.version.id}\` and commit the lockfile (--frozen, or CI, keeps it as it is)`;
  if (lock === undefined) throw new Failed({ kind: 'absent', what: file, hint });
  if (stale) throw new Failed({ kind: 'document', file, problem: 'It is not of this version any more', hint });
}

/** A version without a lockfile is validated first; a dry run writes nothing, so it can only say so. */
async function firstLock(project: Project, around: Around, emit: Emit, flags: Flags) {
  const what = `lockfiles/${project.version.id}.lock.json`;
  const hint = `\`pipeline validate ${project.version.id}\` writes it`;
  if (flags['dry-run']) throw new Failed({ kind: 'absent', what, hint });
  return validateProject(project, { around, emit, update: undefined });
}

interface Circumstances {
  readonly around: Around;
  readonly emit: Emit;
}

/** How a target is realized for another verb than `realize`. */
interface Realizing extends Circumstances {
  readonly pipeline?: string;
  /** Looks at the target before the run, when nobody else changes it; what it answers looks again afterwards, and says more of the result. */
  readonly watch?: () => Promise<() => Promise<Readonly<Record<string, unknown>>>>;
}

/** Makes a target what a lockfile pins, while nobody else changes it. Answers the exit code. */
export async function realizeProject(
  { paths, settings, version }: Project,
  facts: RealizeFacts,
  { around, emit, pipeline = 'realize', watch }: Realizing,
): Promise<number> {
  const { target } = paths;
  const record = recordRun(emit);
  const open = openWorkshop(settings, {
    run: runName(version.id, target),
    emit: record.emit,
    signal: around.signal,
    target,
  });
  return claimed(open.claims, target, async () => {
    await open.site!.recover();
    const look = await watch?.();
    const ran = await run(planFor(realize.plan(facts)), { pipeline, subject: version.id }, open.workshop);
    record.remember(open.recent);
    const result = ran.summary.ok ? { ...resultOf(target, version.id), ...(await look?.()) } : undefined;
    return finishRun(record.emit, ran, result);
  });
}

const resultOf = (target: string, version: string): Readonly<Record<string, string>> => ({
  kind: 'target',
  target,
  version,
  python: '.venv/bin/python',
  main: 'main.py',
  command: '.venv/bin/python main.py',
});

/** `--dry-run`: the plan, with what is there already. No network, no write. */
async function lookAhead(
  { paths, settings, version }: Project,
  facts: RealizeFacts,
  { around, emit, flags }: Circumstances & { readonly flags: Flags },
): Promise<number> {
  const { target } = paths;
  const purpose = { run: runName(version.id, target), emit, signal: around.signal, target };
  const { workshop } = openWorkshop(settings, purpose);
  const prospects = await forecast(planFor(realize.plan(facts)), workshop);
  around.stdout.write(showForecast(prospects, flags.json ?? false));
  return 0;
}
