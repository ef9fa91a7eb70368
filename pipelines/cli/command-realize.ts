import { join } from 'node:path';

import { type Emit, Failed, forecast, planFor, type Ran, run } from '#engine';
import { isCurrent, type Lockfile } from '../documents/lockfile.ts';
import { openLookout } from '../../tasks/tools/site/lookout.ts';
import type { TargetSite } from '../../tasks/tools/site/site.ts';
import { realize, type RealizeFacts } from '../realize.ts';
import { type Around, saysYes } from './around.ts';
import { claimed } from './claimed.ts';
import { factsOf, runName } from './facts-of.ts';
import { sayFormerHome } from './former-home.ts';
import { lockOf, type Project } from './open-project.ts';
import { openWorkshop } from './open-workshop.ts';
import { groundsOf, onTape, openWitnessed } from './grounds-of.ts';
import { keepRepeat } from './keep-repeat.ts';
import { keepRuns } from './keep-runs.ts';
import { finishRun, recordRun } from './record.ts';
import { roomFirst } from './room-first.ts';
import { openScreen } from './screen.ts';
import { sweepCache } from './temps-in.ts';
import type { FlagsOf } from './verbs.ts';

type Flags = FlagsOf<'realize'>;

/** `pipeline realize <id>`: makes a target what its lockfile pins. Answers the exit code. */
export async function commandRealize(around: Around, id: string | undefined, flags: Flags): Promise<number> {
  const { project, documents } = openWitnessed(around, id ?? flags['version-id'], flags);
  const frozen = flags.frozen ?? saysYes(around.environment['CI']);
  const before = lockOf(project);
  const stale = before !== undefined && !isCurrent(before, project.version);
  if (frozen) refuseUnfrozen(project, before, stale);
  const { trace } = flags;
  const screen = await openScreen(around, flags);
  const { emit, told } = onTape(await keepRuns(screen, around, project, flags['dry-run'] ? {} : flags));
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
  const whenDone = ({ packages }: TargetSite): void =>
    keepRepeat(around, told, { ...groundsOf(project, facts, documents), packages: packages() });
  return realizeProject(project, facts, { around, emit, ...(!flags.verify && trace === undefined && { whenDone }) });
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
  const { validateProject } = await import('./command-validate.ts');
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
  /** Is called when all went well and was told. */
  readonly whenDone?: (site: TargetSite) => void;
}

/** Makes a target what a lockfile pins, while nobody else changes it. Answers the exit code. */
export async function realizeProject(
  { paths, settings, version }: Project,
  facts: RealizeFacts,
  { around, emit, pipeline = 'realize', watch, whenDone }: Realizing,
): Promise<number> {
  const { target } = paths;
  const record = recordRun(emit);
  const open = openWorkshop(settings, {
    run: runName(version.id, target),
    emit: record.emit,
    signal: around.signal,
    target,
    remote: true,
    lookout: around.lookout ?? openLookout(target),
  });
  const work = async (): Promise<number> => {
    await Promise.all([open.site!.recover(), sweepCache(settings.cache)]);
    sayFormerHome(target, open.site!, record.emit);
    const look = await watch?.();
    const plan = planFor(realize.plan(facts));
    const places = {
      cache: settings.cache,
      own: [paths.models, join(target, 'models'), target],
      pathOf: open.store.pathOf,
    };
    const workshop = settings.offline ? open.workshop : roomFirst(open.workshop, plan, places);
    const ran = await runWhole(
      async () => run(plan, { pipeline, subject: version.id }, workshop),
      () => open.site!.holds('models'),
    );
    record.remember(open.recent);
    const result = ran.summary.ok ? { ...resultOf(target, version.id), ...(await look?.()) } : undefined;
    return finishRun(record.emit, ran, result);
  };
  const note = (text: string): void => emit({ type: 'note', level: 'info', text });
  const exitCode = await claimed(open.claims, target, work, { needs: facts.text, signal: around.signal, note });
  // Not before the claim is given up: once a record says that there is nothing to do, nobody comes to clear away what was left.
  if (exitCode === 0) whenDone?.(open.site!);
  return exitCode;
}

/** Runs that may follow one whose models were taken from the store before anybody could know that they are wanted. */
const mostRuns = 3;

/**
 * Models are links into the store, which `gc` may have cut after they were proven and before this target was known. From then on
 * it leaves them alone, so that another run makes them whole.
 */
async function runWhole<T>(once: () => Promise<Ran<T>>, isWhole: () => boolean): Promise<Ran<T>> {
  let ran = await once();
  for (let n = 1; n < mostRuns && ran.summary.ok && !isWhole(); n += 1) ran = await once();
  return ran;
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
  const { showForecast } = await import('./show-forecast.ts');
  around.stdout.write(showForecast(prospects, flags.json ?? false));
  return 0;
}
