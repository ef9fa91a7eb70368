import { sha256Of, storeFormat } from '#cache';
import { canonical, Failed, planFor, planKey } from '#engine';
import { isCurrent } from '../documents/lockfile.ts';
import { present } from '../documents/present.ts';
import { sortLock } from '../documents/render-lockfile.ts';
import { realize } from '../realize.ts';
import type { Around } from './around.ts';
import { findPython } from './find-python.ts';
import { lockOf, openProject } from './open-project.ts';
import { tell } from './tell.ts';
import type { FlagsOf } from './verbs.ts';

/**
 * `pipeline key <id>`: one digest of everything that realizing a version would do on a machine of this platform. It is made of
 * documents and of this release's tasks alone: no path, no time, no mirror. Answers the exit code.
 */
export async function commandKey(around: Around, id: string, flags: FlagsOf<'key'>): Promise<number> {
  const project = openProject(around, id, flags);
  const { version, settings } = project;
  const lock = lockOf(project);
  const hint = `run \`pipeline validate ${version.id}\``;
  if (lock === undefined) throw new Failed({ kind: 'absent', what: `lockfiles/${version.id}.lock.json`, hint });
  if (!isCurrent(lock, version))
    around.stderr.write(
      `warning: versions/${version.id}.json has changed since its lockfile was written\nhint: ${hint}\n`,
    );
  const { signal } = around;
  const found = await findPython(settings, lock.python.version, { signal, note: () => {}, readOnly: true });
  // Where it is, and its patch level, differ between machines that share everything that is made with it.
  const interpreter = { ...found, path: 'python', version: lock.python.version };
  const skipModels = flags['skip-models'] ?? (version.options.skip_models || (lock.options?.skip_models ?? false));
  const facts = await realize.read({
    lock: sortLock(lock),
    // What other platforms need is none of our business.
    text: '',
    interpreter,
    installer: settings.installer,
    ...present({ torch: flags.torch, usualTorch: version.python.torch }),
    skipModels,
  });
  const plan = planFor(realize.plan(facts));
  const key = sha256Of(canonical([storeFormat, planKey(plan)]));
  const { cacheTag, platform } = interpreter;
  const document = { type: 'key', id: version.id, key, python: cacheTag, platform, steps: plan.steps.length };
  tell(around, { lines: [key], document }, flags);
  return 0;
}
