import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { Failed, planFor, run } from '#engine';
import { isDocumentPath } from '../documents/documents-of.ts';
import { lockfilePath, nameIn, parseId } from '../documents/ids.ts';
import { readText } from '../documents/json.ts';
import { parseLockfile } from '../documents/lockfile.ts';
import { disk, findRoot } from '../documents/paths.ts';
import { existsAlready, writeNew } from '../documents/write-new.ts';
import { unpack } from '../unpack.ts';
import type { Around } from './around.ts';
import { openWorkshop } from './open-workshop.ts';
import { finishRun } from './record.ts';
import { openScreen } from './screen.ts';
import { settingsWithoutVersion } from './settings-without-version.ts';
import type { FlagsOf } from './verbs.ts';

/** `pipeline unpack <file>`: fills the cache, then writes the version and its lockfile. Answers the exit code. */
export async function commandUnpack(around: Around, file: string, flags: FlagsOf<'unpack'>): Promise<number> {
  const { path: root } = findRoot({ cwd: around.cwd, probe: disk });
  const from = resolve(around.cwd, file);
  const emit = await openScreen(around, flags);
  const settings = settingsWithoutVersion(around, root);
  const { workshop } = openWorkshop(settings, { run: 'unpack', emit, signal: around.signal });
  const ran = await run(planFor(unpack.plan({ from })), { pipeline: 'unpack', subject: file }, workshop);
  if (ran.output === undefined) return finishRun(emit, ran);
  const { version, documents, ...counts } = ran.output;
  const written = keepDocuments(documents, { root, id: version, file, force: flags.force ?? false });
  const { keepSchema } = await import('../documents/keep-schema.ts');
  keepSchema(root, 'versions');
  keepSchema(root, 'lockfiles');
  for (const name of written) emit({ type: 'note', level: 'info', text: `Wrote ${name}` });
  emit({ type: 'note', level: 'info', text: `\`pipeline realize ${version} --offline\` needs nothing more` });
  return finishRun(emit, ran, { kind: 'unpacked', version, ...counts });
}

/** Where documents go, and whose they are. */
interface Receiving {
  readonly root: string;
  readonly id: string;
  /** What messages call the bundle. */
  readonly file: string;
  readonly force: boolean;
}

/** Writes the documents that are not there, and answers their names. Others of the same names stay unless `force` says so. */
function keepDocuments(
  documents: Readonly<Record<string, string>>,
  { root, id, file, force }: Receiving,
): readonly string[] {
  const strange = Object.keys(documents).find((path) => !isDocumentPath(path));
  const lock = documents[nameIn(root, lockfilePath(root, parseId(id)))];
  if (strange !== undefined || lock === undefined) {
    const because =
      strange === undefined ? `it has no lockfile of ${id}` : `it has ${JSON.stringify(strange)} for a project`;
    throw new Failed({ kind: 'refused', what: file, because });
  }
  parseLockfile(lock, `the lockfile in ${file}`);
  const changed = Object.entries(documents).filter(([path, text]) => {
    const there = join(root, path);
    return !existsSync(there) || readText(there, path) !== text;
  });
  const taken = changed.find(([path]) => existsSync(join(root, path)));
  if (taken !== undefined && !force) throw existsAlready(taken[0]);
  for (const [path, text] of changed) writeNew(join(root, path), text, { name: path, force });
  return changed.map(([path]) => path);
}
