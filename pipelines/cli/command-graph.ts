import { draw, Failed, type Plan } from '#engine';
import type { Around } from './around.ts';
import { openPlanned } from './open-planned.ts';
import { tell } from './tell.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline graph <id>`: the plan as Mermaid or Graphviz draws it, or as one JSON document. Answers the exit code. */
export async function commandGraph(around: Around, id: string, flags: FlagsOf<'graph'>): Promise<number> {
  const { format, json = false } = flags;
  if (json && format !== undefined)
    throw new Failed({
      kind: 'usage',
      problem: '--json and --format are two languages',
      hint: 'choose one of them',
    });
  const { plan } = await openPlanned(around, id, flags);
  if (json) tell(around, { lines: [], document: { type: 'graph', id, steps: plan.steps.map(inJson) } }, flags);
  else around.stdout.write(draw(plan, format ?? 'mermaid'));
  return 0;
}

/** One step: `step` is its number, `needs` are the numbers of those whose outputs it uses; every one is smaller. */
const inJson = ({ id, step: { task }, name, title, needs }: Plan['steps'][number]) => ({
  step: id,
  task: task.name,
  name,
  title,
  kind: task.kind,
  resource: task.resource,
  needs,
});
