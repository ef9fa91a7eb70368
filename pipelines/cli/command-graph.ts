import { draw } from '#engine';
import type { Around } from './around.ts';
import { openPlanned } from './open-planned.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline graph <id>`: the plan as Mermaid or Graphviz draws it. */
export async function commandGraph(around: Around, id: string, flags: FlagsOf<'graph'>): Promise<number> {
  const { plan } = await openPlanned(around, id, flags);
  around.stdout.write(draw(plan, flags.format ?? 'mermaid'));
  return 0;
}
