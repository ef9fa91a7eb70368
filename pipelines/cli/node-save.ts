import { Failed } from '#engine';
import type { NodeDrift, Pinned } from '../../tasks/tools/nodes/drift.ts';
import { realizedAt } from '../../tasks/tools/site/history.ts';
import { lastPart } from '../documents/git-pin.ts';
import { nameIn, versionPath } from '../documents/ids.ts';
import { readJson, writeJson } from '../documents/json.ts';
import { present } from '../documents/present.ts';
import type { Around } from './around.ts';
import { validateProject } from './command-validate.ts';
import { whichComfy } from './node-bench.ts';
import { nodeDriftOf, showDrift } from './node-drift.ts';
import { lockOf, openProject } from './open-project.ts';
import { openScreen } from './screen.ts';
import type { FlagsOf } from './verbs.ts';

type Entry = Readonly<Record<string, unknown>>;

/** `pipeline node save [<version>]`: writes what a target's packs are now into its version, and locks that. Answers the exit code. */
export async function saveNodes(around: Around, word: string | undefined, flags: FlagsOf<'node'>): Promise<number> {
  const target = whichComfy(around, flags.target);
  const id = word ?? realizedAt(target)?.version;
  if (id === undefined)
    throw new Failed({
      kind: 'usage',
      problem: `${target} was not made from a version`,
      hint: 'name the version to save it in, or `pipeline create <id> --from DIR` writes a new one',
    });
  const given = { target, ...(flags.offline && { offline: true as const }) };
  const project = openProject(around, id, given);
  const lock = lockOf(project);
  if (lock === undefined)
    throw new Failed({
      kind: 'absent',
      what: `lockfiles/${id}.lock.json`,
      hint: `\`pipeline validate ${id}\` writes it`,
    });
  const emit = await openScreen(around, flags);
  const note = (level: 'info' | 'warning', text: string): void => emit({ type: 'note', level, text });
  const drift = nodeDriftOf(target, lock);
  const unknown = drift.filter(({ found }) => found?.identity.kind === 'unknown');
  for (const { found } of unknown) note('warning', `${found!.at} is left out: nobody knows what it holds`);
  const known = drift.filter((one) => !unknown.includes(one));
  if (known.length === 0) {
    const counts = { built: 0, cached: 0, failed: 0, skipped: 0, bytes_fetched: 0, ms: 0, ms_saved: 0, exit_code: 0 };
    emit({ type: 'run.started', pipeline: 'node', subject: `save ${id}`, steps: [] });
    note('info', `The packs of ${target} are as ${id} has them`);
    emit({ type: 'run.finished', ok: true, ...counts });
    return 0;
  }
  const file = versionPath(project.root, project.version.id);
  const before = readJson(file);
  writeJson(file, withDrift(before, known, nameIn(project.root, file)));
  for (const one of known) note('info', showDrift(one));
  note('info', `Wrote ${nameIn(project.root, file)}`);
  const { exitCode, lock: written } = await validateProject(openProject(around, id, given), {
    around,
    emit,
    update: undefined,
  });
  // Without a lockfile that fits it the version would say what was never resolved.
  if (written === undefined) writeJson(file, before);
  return exitCode;
}

/** A version's document whose entries are what was found. Entries keep what else they say. */
function withDrift(document: unknown, drift: readonly NodeDrift[], name: string): Entry {
  if (!isObject(document) || document['schema_version'] !== 2)
    throw new Failed({
      kind: 'document',
      file: name,
      at: 'schema_version',
      problem: 'Only a document of generation 2 can be written to',
      hint: '`pipeline clone` writes one',
    });
  const written = document['custom_nodes'];
  let entries: readonly unknown[] = Array.isArray(written) ? written : [];
  for (const { locked, found, name: pack } of drift) {
    const index = locked === undefined ? -1 : entries.findIndex((entry) => isObject(entry) && means(entry, locked));
    const old = entries[index];
    if (locked !== undefined && index === -1 && ('extends' in document || found === undefined))
      throw inherited(name, pack);
    const entry = found === undefined ? [] : [entryFor(found, isObject(old) ? old : {})];
    entries = index === -1 ? [...entries, ...entry] : entries.toSpliced(index, 1, ...entry);
  }
  return { ...document, custom_nodes: entries };
}

const inherited = (file: string, pack: string): Failed =>
  new Failed({
    kind: 'document',
    file,
    at: 'custom_nodes',
    problem: `${pack} is not written here, but in a document that this one extends`,
    hint: 'change it there',
  });

/** Whether an entry is the one that a pin was made from. */
function means({ id, name, target_dir: directory, repo, path }: Entry, pin: Pinned): boolean {
  if (pin.kind === 'registry' && typeof id === 'string') return id.toLowerCase() === pin.id.toLowerCase();
  const source = typeof repo === 'string' ? repo : typeof path === 'string' ? path : '';
  const called =
    typeof directory === 'string' ? lastPart(directory) : typeof name === 'string' ? name : lastPart(source);
  return called === pin.name;
}

/** The origin and the pin are new, everything else stays. */
function entryFor({ identity, path }: NonNullable<NodeDrift['found']>, old: Entry): Entry {
  const { id, version: _version, repo, ref, commit: _commit, path: _path, ...wishes } = old;
  if (identity.kind === 'cnr') {
    const known = typeof id === 'string' && id.toLowerCase() === identity.cnrId ? id : identity.cnrId;
    return present({
      ...(path === identity.name ? {} : { name: path }),
      ...wishes,
      id: known,
      version: identity.version,
    });
  }
  if (identity.kind === 'unknown') throw new Error(`${path} is unknown`);
  return present({
    name: path,
    ...wishes,
    repo: typeof repo === 'string' ? repo : identity.repo,
    ref: identity.branch ?? ref,
    commit: identity.commit,
  });
}

const isObject = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
