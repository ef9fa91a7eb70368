import type { Emit } from '#engine';
import { anchorLock } from '../documents/anchor.ts';
import { type Lockfile, renderLockfile } from '../documents/lockfile.ts';
import { present } from '../documents/present.ts';
import { sortLock } from '../documents/render-lockfile.ts';
import { realize, type RealizeFacts } from '../realize.ts';
import type { Around } from './around.ts';
import { findPython } from './find-python.ts';
import type { Project } from './open-project.ts';

/** How a plan is made: `readOnly` when nothing may be written meanwhile, not even what would be quicker to know next time. */
interface Circumstances {
  readonly around: Around;
  readonly emit: Emit;
  readonly skipModels?: boolean;
  readonly readOnly?: boolean;
  /** The build of torch that is asked for, where the lockfile has several. */
  readonly torch?: string;
}

/** Everything that realizing a lockfile on this machine depends on. */
export async function factsOf(
  { root, version, settings }: Project,
  lock: Lockfile,
  { around, emit, skipModels, readOnly = false, torch }: Circumstances,
): Promise<RealizeFacts> {
  const note = (text: string): void => emit({ type: 'note', level: 'info', text });
  return realize.read({
    lock: anchorLock(sortLock(lock), root),
    text: renderLockfile(lock),
    interpreter: await findPython(settings, lock.python.version, { signal: around.signal, note, readOnly }),
    installer: settings.installer,
    ...present({ torch, usualTorch: version.python.torch }),
    skipModels: skipModels ?? (version.options.skip_models || (lock.options?.skip_models ?? false)),
  });
}

/** What the runs that realize a version into a target have in common: the next one reads ahead by this name. */
export const runName = (id: string, target: string): string => `realize ${id} ${target}`;

/** The version and the target of a run that realized; undefined for any other run. */
export function realizedIn(run: string): { readonly id: string; readonly target: string } | undefined {
  const [, id, target] = /^realize (\S+) (.+)$/s.exec(run) ?? [];
  return id === undefined || target === undefined ? undefined : { id, target };
}
