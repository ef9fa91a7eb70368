import { type Emit, planFor, run } from '#engine';
import { composeLock } from '../documents/compose-lock.ts';
import { keptOf, refuseUnknown, type Update } from '../documents/kept.ts';
import { isCurrent, type Lockfile, parseLockfile, renderLockfile, writeLockfile } from '../documents/lockfile.ts';
import { nameIn } from '../documents/ids.ts';
import { anchorVersion } from '../documents/anchor.ts';
import { platformsOf } from '../documents/platforms.ts';
import { validate } from '../validate.ts';
import type { Around } from './around.ts';
import { findPython } from './find-python.ts';
import { lockOf, openProject, type Project } from './open-project.ts';
import { ownRequirements } from './own-requirements.ts';
import { openWorkshop } from './open-workshop.ts';
import { finishRun, recordRun } from './record.ts';
import { openScreen } from './screen.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline validate <id>`: resolves a version and writes its lockfile. Answers the exit code. */
export async function commandValidate(around: Around, id: string, flags: FlagsOf<'validate'>): Promise<number> {
  const project = openProject(around, id, flags);
  refuseUnknown(flags.update, project.version, lockOf(project));
  const emit = await openScreen(around, flags);
  for (const text of project.warnings) emit({ type: 'note', level: 'warning', text });
  const { exitCode } = await validateProject(project, { around, emit, update: flags.update });
  return exitCode;
}

/** Resolves what is not pinned, or is to move, and writes the lockfile when anything differs. */
export async function validateProject(
  project: Project,
  { around, emit, update }: { readonly around: Around; readonly emit: Emit; readonly update: Update },
): Promise<{ readonly exitCode: number; readonly lock?: Lockfile }> {
  const { root, version, settings } = project;
  const note = (level: 'info' | 'warning') => (text: string) => emit({ type: 'note', level, text });
  const before = lockOf(project);
  const interpreter = await findPython(settings, version.python.version, { signal: around.signal, note: note('info') });
  const { dropped, ...own } = ownRequirements(version);
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
  const { workshop, recent } = openWorkshop(thorough, { run: `validate ${version.id}`, emit: record.emit, signal });
  const ran = await run(planFor(validate.plan(facts)), { pipeline: 'validate', subject: version.id }, workshop);
  record.remember(recent);
  if (ran.output === undefined) return { exitCode: finishRun(emit, ran) };
  const text = renderLockfile(composeLock(version, ran.output, interpreter));
  // Read back as anybody else will read it: what would be refused then is refused now.
  const lock = parseLockfile(text, `the lockfile of ${version.id}`);
  const isSame = before !== undefined && renderLockfile(before) === text;
  const file = nameIn(root, isSame ? '' : writeLockfile(lock, { root }));
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
