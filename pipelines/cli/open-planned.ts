import { type Emit, Failed, type Plan, planFor } from '#engine';
import { realize } from '../realize.ts';
import type { Around } from './around.ts';
import { factsOf, runName } from './facts-of.ts';
import { type Given, lockOf, openProject } from './open-project.ts';
import { type Open, openWorkshop } from './open-workshop.ts';

/** The plan of a version as it stands, and the workshop it would run in. Nothing is written. */
export interface Planned {
  readonly plan: Plan;
  readonly open: Open;
}

/** Plans a version that has a lockfile, for commands that only look. */
export async function openPlanned(around: Around, id: string, given: Given): Promise<Planned> {
  const project = openProject(around, id, given);
  const { target } = project.paths;
  const emit: Emit = (event) => {
    if (event.type === 'note' && event.level === 'warning') around.stderr.write(`warning: ${event.text}\n`);
  };
  for (const text of project.warnings) emit({ type: 'note', level: 'warning', text });
  const lock = lockOf(project);
  if (lock === undefined)
    throw new Failed({
      kind: 'absent',
      what: `lockfiles/${id}.lock.json`,
      hint: `\`pipeline validate ${id}\` writes it`,
    });
  const facts = await factsOf(project, lock, { around, emit, readOnly: true });
  const open = openWorkshop(project.settings, { run: runName(id, target), emit, signal: around.signal, target });
  return { plan: planFor(realize.plan(facts)), open };
}
