import { planFor, run } from '#engine';
import { create, type CreateFacts } from '../create.ts';
import type { Answers } from '../import/settle-uses.ts';
import type { Around } from './around.ts';
import { openWorkshop } from './open-workshop.ts';
import { openScreen } from './screen.ts';
import { settingsWithoutVersion } from './settings-without-version.ts';

/** Nothing was asked. */
export const noAnswers: Answers = { byClass: new Map(), byId: new Map() };

/** Asks the registry what a workflow leaves open; the run is shown on stderr. Yields the exit code when it failed. */
export async function askRegistry(
  { classes, ids }: CreateFacts,
  { around, root, subject }: { readonly around: Around; readonly root: string; readonly subject: string },
): Promise<Answers | number> {
  if (classes.length + ids.length === 0) return noAnswers;
  const emit = await openScreen({ ...around, stdout: around.stderr }, {});
  const { workshop } = openWorkshop(settingsWithoutVersion(around, root), {
    run: `create ${subject}`,
    emit,
    signal: around.signal,
  });
  const ran = await run(planFor(create.plan({ classes, ids })), { pipeline: 'create', subject }, workshop);
  emit({ type: 'run.finished', ...ran.summary });
  if (ran.output === undefined) {
    around.stderr.write('hint: --offline leaves out what only the registry knows\n');
    return ran.summary.exit_code;
  }
  const { packs } = ran.output;
  return {
    byClass: new Map(classes.map((name, index) => [name, packs[index] ?? null])),
    byId: new Map(ids.map((id, index) => [id, packs[classes.length + index] ?? null])),
  };
}
