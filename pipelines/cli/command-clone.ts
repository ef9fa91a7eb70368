import { existsSync } from 'node:fs';
import { join } from 'node:path';

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
  // What is copied names the schemas that were beside the original.
  const { keepSchema } = await import('../documents/keep-schema.ts');
  keepSchema(root, 'versions');
  if (existsSync(join(root, 'lockfiles'))) keepSchema(root, 'lockfiles');
  stdout.write(said.map((sentence) => `${sentence}\n`).join(''));
  return 0;
}
