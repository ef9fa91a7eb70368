import { resolve } from 'node:path';

import { type Emit, planFor, run } from '#engine';
import { documentsOf } from '../documents/documents-of.ts';
import { versionPath } from '../documents/ids.ts';
import type { Lockfile } from '../documents/lockfile.ts';
import { collect, pack } from '../pack.ts';
import type { Around } from './around.ts';
import { currentLock } from './current-lock.ts';
import { factsOf } from './facts-of.ts';
import { openProject } from './open-project.ts';
import { openWorkshop } from './open-workshop.ts';
import { finishRun } from './record.ts';
import { openScreen } from './screen.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline pack <id>`: one file that realizes a version on a machine without a network. Answers the exit code. */
export async function commandPack(around: Around, id: string, flags: FlagsOf<'pack'>): Promise<number> {
  const project = openProject(around, id, flags);
  const { root, version, settings } = project;
  const lock = currentLock(project);
  const documents = documentsOf({ root, file: versionPath(root, version.id), id: version.id });
  const file = resolve(around.cwd, flags.output ?? `${version.id}.pack.tar`);
  const emit = await openScreen(around, flags);
  for (const text of [...project.warnings, ...boundHere(lock)]) emit({ type: 'note', level: 'warning', text });
  const facts = await factsOf(project, lock, { around, emit, ...(flags['skip-models'] && { skipModels: true }) });
  const plan = planFor(collect.plan(facts));
  const artifacts = new Set(
    plan.steps.flatMap(({ id: step, step: { task } }) => (task.kind === 'artifact' ? [step] : [])),
  );
  const keys = new Set<string>();
  const listening: Emit = (event) => {
    if (event.type === 'step.finished' && event.key !== undefined && artifacts.has(event.step)) keys.add(event.key);
    emit(event);
  };
  const { signal } = around;
  const { workshop } = openWorkshop(settings, { run: `pack ${version.id}`, emit: listening, signal, remote: true });
  const subject = version.id;
  const collected = await run(plan, { pipeline: 'collect', subject }, workshop);
  const exitCode = finishRun(emit, collected);
  if (exitCode !== 0) return exitCode;
  const writing = planFor(pack.plan({ to: file, version: version.id, documents, keys: [...keys] }));
  const packed = await run(writing, { pipeline: 'pack', subject }, { ...workshop, emit });
  return finishRun(emit, packed, packed.output && { kind: 'bundle', file, ...packed.output });
}

/** What is found by a path of this machine, which another one does not have. */
const boundHere = ({ core, nodes }: Lockfile): readonly string[] =>
  [{ name: 'ComfyUI', ...core }, ...nodes].flatMap((part) =>
    'repo' in part && /^(?:\.|file:)/.test(part.repo)
      ? [
          `${part.name} comes from a repository of this machine (${part.repo}): it is only realized where that is at the same path`,
        ]
      : [],
  );
