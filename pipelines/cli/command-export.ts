import { resolve } from 'node:path';

import { Failed } from '#engine';
import { isCurrent } from '../documents/lockfile.ts';
import { snapshotOf } from '../documents/manager-snapshot.ts';
import { writeNew } from '../documents/write-new.ts';
import type { Around } from './around.ts';
import { lockOf, openProject } from './open-project.ts';
import { safeText } from './safe-text.ts';
import { secretsIn } from './secrets.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline export <id> --to snapshot`: writes what a lockfile pins for ComfyUI-Manager; on stderr what that cannot hold. */
export async function commandExport(around: Around, id: string, flags: FlagsOf<'export'>): Promise<number> {
  const { cwd, stdout, stderr, environment } = around;
  if (flags.to === undefined)
    throw new Failed({ kind: 'usage', problem: 'As what?', hint: `write \`pipeline export ${id} --to snapshot\`` });
  // Manager tells by the name how to read a file.
  if (flags.output !== undefined && !flags.output.endsWith('.json'))
    throw new Failed({ kind: 'usage', problem: `Manager does not read ${flags.output}`, hint: 'name it .json' });
  const project = openProject(around, id, {});
  const hint = `\`pipeline validate ${id}\` writes it`;
  const lock = lockOf(project);
  if (lock === undefined) throw new Failed({ kind: 'absent', what: `lockfiles/${id}.lock.json`, hint });
  const { snapshot, lost } = snapshotOf(lock);
  const text = `${JSON.stringify(snapshot, null, 4)}\n`;
  if (flags.output === undefined) stdout.write(text);
  else writeNew(resolve(cwd, flags.output), text, { name: flags.output, force: flags.force ?? false });
  const stale = isCurrent(lock, project.version)
    ? []
    : [`warning: the version has changed since its lockfile was written: ${hint}`];
  const lines = [...stale, ...lost.map(({ what, why }) => `lost     ${what}  ${why}`)];
  const safe = safeText(secretsIn(environment));
  stderr.write(lines.map((line) => safe(`${line}\n`)).join(''));
  return 0;
}
