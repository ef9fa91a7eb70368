import { type Emit, planFor, run } from '#engine';
import { readRequirements } from '../../tasks/tools/python/requirements.ts';
import { composeLock } from '../documents/compose-lock.ts';
import { keptOf, refuseUnknown, type Update } from '../documents/kept.ts';
import { isCurrent, type Lockfile, parseLockfile, renderLockfile, writeLockfile } from '../documents/lockfile.ts';
import { nameIn } from '../documents/ids.ts';
import { anchorVersion } from '../documents/anchor.ts';
import { validate } from '../validate.ts';
import type { Around } from './around.ts';
import { findPython } from './find-python.ts';
import { lockOf, openProject, type Project } from './open-project.ts';
import { openWorkshop } from './open-workshop.ts';
import { finishRun, recordRun } from './record.ts';
import { openScreen } from './screen.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline validate <id>`: resolves a version and writes its lockfile. Answers the exit code. */
export async function commandValidate(around: Around, id: string, flags: FlagsOf<'validate'>): Promise<number> {
  const project = openProject(around, id, flags);
  refuseUnknown(flags.update, project.version);
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
  const { packages, pip_extra_args: words = '' } = version.python;
  const asked = [
    readRequirements(packages.join('\n'), 'python_packages'),
    readRequirements(words, 'options.pip_extra_args'),
  ];
  for (const sentence of asked.flatMap(({ dropped }) => dropped)) note('warning')(sentence);
  const facts = await validate.read({
    version: anchorVersion(version, root),
    kept: keptOf(before, { root, update, unchanged: before !== undefined && isCurrent(before, version), interpreter }),
    interpreter,
    packages: asked.flatMap(({ requirements }) => requirements.map(({ line }) => line)),
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
  const unchanged = before !== undefined && renderLockfile(before) === text;
  const file = nameIn(root, unchanged ? '' : writeLockfile(lock, { root }));
  note('info')(unchanged ? 'The lockfile is up to date' : `Wrote ${file}`);
  return { exitCode: finishRun(emit, ran, { kind: 'lockfile', file, ...contents(lock) }), lock };
}

/** How much a lockfile pins. */
const contents = ({ nodes, models, python }: Lockfile): Readonly<Record<string, number>> => ({
  nodes: nodes.length,
  models: models.length,
  wheels: python.platforms[0]?.wheels.length ?? 0,
  bytes: models.reduce((sum, { size }) => sum + size, 0),
});
