import { type Emit, Failed, forecast, planFor, run } from '#engine';
import { composeLock } from '../documents/compose-lock.ts';
import { keptOf, refuseUnknown, type Update } from '../documents/kept.ts';
import { isCurrent, type Lockfile, parseLockfile, renderLockfile, writeLockfile } from '../documents/lockfile.ts';
import { nameIn } from '../documents/ids.ts';
import { anchorVersion } from '../documents/anchor.ts';
import { platformsOf } from '../documents/platforms.ts';
import { realize } from '../realize.ts';
import { validate } from '../validate.ts';
import type { Around } from './around.ts';
import { factsOf, runName } from './facts-of.ts';
import { findPython } from './find-python.ts';
import { keepBeside } from './keep-beside.ts';
import { keepRuns } from './keep-runs.ts';
import { lockOf, openProject, type Project } from './open-project.ts';
import { ownRequirements } from './own-requirements.ts';
import { openWorkshop } from './open-workshop.ts';
import { finishRun, recordRun } from './record.ts';
import { openScreen } from './screen.ts';
import { forecastLine } from './show-forecast.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline validate <id>`: resolves a version and writes its lockfile. Answers the exit code. */
export async function commandValidate(around: Around, id: string, flags: FlagsOf<'validate'>): Promise<number> {
  const project = openProject(around, id, flags);
  refuseUnknown(flags.update, project.version, lockOf(project));
  const emit = await keepRuns(await openScreen(around, flags), around, project, flags);
  for (const text of project.warnings) emit({ type: 'note', level: 'warning', text });
  const { exitCode, lock } = await validateProject(project, { around, emit, update: flags.update });
  if (lock !== undefined && flags.json === undefined) await tellPlan(project, lock, around);
  return exitCode;
}

const silence = (): void => {};

/** Tells what realizing the lockfile would take here; nothing where it is locked for other machines alone. */
async function tellPlan(project: Project, lock: Lockfile, around: Around): Promise<void> {
  const { version, paths, settings } = project;
  try {
    const facts = await factsOf(project, lock, { around, emit: silence, readOnly: true });
    const purpose = {
      run: runName(version.id, paths.target),
      emit: silence,
      signal: around.signal,
      target: paths.target,
    };
    const prospects = await forecast(planFor(realize.plan(facts)), openWorkshop(settings, purpose).workshop);
    const how = `pipeline realize ${version.id} --dry-run`;
    around.stdout.write(`to realize it in ${paths.target}: ${forecastLine(prospects)} (\`${how}\` lists them)\n`);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
  }
}

/** Resolves what is not pinned, or is to move, and writes the lockfile when anything differs. */
export async function validateProject(
  project: Project,
  { around, emit, update }: { readonly around: Around; readonly emit: Emit; readonly update: Update },
): Promise<{ readonly exitCode: number; readonly lock?: Lockfile }> {
  const { root, version, settings } = project;
  const note = (level: 'info' | 'warning') => (text: string) => emit({ type: 'note', level, text });
  const before = lockOf(project);
  // First, as it may refuse the version: nothing is written then, not even what the interpreter said of itself.
  const { dropped, ...own } = ownRequirements(version);
  const interpreter = await findPython(settings, version.python.version, { signal: around.signal, note: note('info') });
  for (const sentence of dropped) note('warning')(sentence);
  const unchanged = before !== undefined && isCurrent(before, version);
  const facts = await validate.read({
    version: anchorVersion(version, root),
    kept: keptOf(before, { root, update, unchanged, version, interpreter }),
    interpreter,
    platforms: platformsOf(version, interpreter),
    ...own,
  });
  const record = recordRun(emit);
  const { signal } = around;
  // One run tells everything that is wrong, not one thing a run.
  const thorough = { ...settings, keepGoing: true };
  const purpose = { run: `validate ${version.id}`, emit: record.emit, signal, remote: true } as const;
  const { workshop, recent } = openWorkshop(thorough, purpose);
  const ran = await run(planFor(validate.plan(facts)), { pipeline: 'validate', subject: version.id }, workshop);
  record.remember(recent);
  if (ran.output === undefined) return { exitCode: finishRun(emit, ran) };
  const text = renderLockfile(composeLock(version, ran.output, interpreter));
  // Read back as anybody else will read it: what would be refused then is refused now.
  const lock = parseLockfile(text, `the lockfile of ${version.id}`);
  const isSame = before !== undefined && renderLockfile(before) === text;
  const file = nameIn(root, isSame ? '' : writeLockfile(lock, { root }));
  await keepBeside(lock, project);
  note('info')(isSame ? 'The lockfile is up to date' : `Wrote ${file}`);
  return { exitCode: finishRun(emit, ran, { kind: 'lockfile', file, ...contents(lock) }), lock };
}

/** How much a lockfile pins. */
const contents = ({ nodes, models, python }: Lockfile): Readonly<Record<string, number>> => ({
  nodes: nodes.length,
  models: models.length,
  wheels: python.platforms[0]?.wheels.length ?? 0,
  bytes: models.reduce((sum, { size }) => sum + size, 0),
});
