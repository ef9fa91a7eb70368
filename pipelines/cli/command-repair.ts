import { type Deviation, examine } from '../../tasks/tools/site/examine.ts';
import type { Around } from './around.ts';
import { realizeProject } from './command-realize.ts';
import { factsOf } from './facts-of.ts';
import { keepRuns } from './keep-runs.ts';
import { openRecovered } from './open-realized.ts';
import { projectAt } from './project-at.ts';
import { openScreen } from './screen.ts';
import { showDeviations } from './show-deviations.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline repair <id>`: makes a target again what it says it is, whatever the project says by now. Answers the exit code. */
export async function commandRepair(around: Around, id: string, flags: FlagsOf<'repair'>): Promise<number> {
  const open = await openRecovered(around, id, flags);
  const project = projectAt(around, open, open.lock, flags);
  const emit = await keepRuns(await openScreen(around, flags), around, project, flags);
  for (const text of project.warnings) emit({ type: 'note', level: 'warning', text });
  const facts = await factsOf(project, open.lock, { around, emit });
  const { target } = project.paths;
  const { signal } = around;
  const watch = async () => {
    const before = await examine(target, { rehash: flags.verify ?? false, signal });
    return async () => {
      const left = new Set((await examine(target, { rehash: false, signal })).map(({ path }) => path));
      const repaired = before.filter(({ path }) => !left.has(path));
      emit({ type: 'note', level: 'info', text: inWords(repaired) });
      return { repaired };
    };
  };
  return realizeProject(project, facts, { around, emit, pipeline: 'repair', watch });
}

const inWords = (repaired: readonly Deviation[]): string =>
  repaired.length === 0 ? 'Nothing in the target was wrong' : ['Repaired', ...showDeviations(repaired)].join('\n');
