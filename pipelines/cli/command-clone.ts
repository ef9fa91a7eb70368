import { cloneVersion } from '../documents/clone.ts';
import { disk, findRoot } from '../documents/paths.ts';
import type { Around } from './around.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline clone <a> <b>`: copies a version under another id, with its pins. Answers the exit code. */
export async function commandClone(
  { cwd, stdout }: Around,
  [from, to]: readonly string[],
  flags: FlagsOf<'clone'>,
): Promise<number> {
  const { path: root } = findRoot({ cwd, probe: disk });
  const said = cloneVersion({ root, cwd, from: from!, to: to!, force: flags.force ?? false });
  stdout.write(said.map((sentence) => `${sentence}\n`).join(''));
  return 0;
}
