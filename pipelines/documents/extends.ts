import { basename } from 'node:path';

import { Failed } from '#engine';

import type { Draft } from './draft.ts';
import type { Findings, Place } from './findings.ts';
import { readGeneration1, type Surroundings } from './generation-1.ts';
import { readGeneration2 } from './generation-2.ts';
import { nameIn, versionIds, versionPath } from './ids.ts';
import { readJson } from './json.ts';
import { nearest } from './nearest.ts';

type Reader = (from: Surroundings, value: unknown, place: Place, findings: Findings) => Draft;

/** The reader of each generation of documents, by `schema_version`. */
const generations: Readonly<Record<number, Reader>> = {
  1: readGeneration1,
  2: ({ root }, ...document) => readGeneration2(root, ...document),
};

/** What a document says of its generation. The first one said nothing, but named its lock. */
const generationOf = (value: object, { lock }: Surroundings): unknown =>
  'schema_version' in value ? value.schema_version : 'lock' in value || lock !== undefined ? 1 : undefined;

const maxChain = 16;

/** A document and those it extends, the nearest first. Throws when one is absent, or when they run in a circle. */
export function readChain(from: Surroundings, file: string, findings: Findings): readonly Draft[] {
  const chain: Draft[] = [];
  const files = new Set<string>();
  for (let next: string | undefined = file; next !== undefined;) {
    const child = chain.at(-1);
    const refuse = (problem: string): never => {
      const names = [...files, next!].map((path) => basename(path, '.json')).join(' -> ');
      throw new Failed({
        kind: 'document',
        file: chain[0]!.place.file,
        at: 'extends',
        problem: `${problem}: ${names}`,
      });
    };
    if (files.has(next)) refuse('Versions extend each other in a circle');
    if (files.size === maxChain) refuse(`More than ${maxChain} versions extend one another`);
    files.add(next);
    // A lock on the command line is that of the version itself, not of one that it extends.
    const here = child === undefined ? from : { root: from.root, cwd: from.cwd };
    const draft: Draft = readDraft(here, next, child?.place.file, findings);
    chain.push(draft);
    next = draft.parent && versionPath(from.root, draft.parent);
  }
  return chain;
}

function readDraft(from: Surroundings, file: string, wantedBy: string | undefined, findings: Findings): Draft {
  const { root, lock } = from;
  const place: Place = { file: nameIn(root, file), at: '' };
  const value = readPresent(root, file, wantedBy);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Failed({ kind: 'document', file: place.file, problem: 'Expected an object' });
  const generation = generationOf(value, from);
  const read = typeof generation === 'number' ? generations[generation] : undefined;
  if (lock !== undefined && generation !== 1) throw contradiction(place, nameIn(root, lock));
  if (read) return read(from, value, place, findings);
  if (generation === 3)
    throw new Failed({ kind: 'document', file: place.file, problem: 'This is a lockfile: its place is lockfiles/' });
  const found = generation === undefined ? 'Missing' : `Unknown generation ${JSON.stringify(generation)}`;
  const problem = `${found}: this release reads "schema_version": 2`;
  throw new Failed({ kind: 'document', file: place.file, at: 'schema_version', problem });
}

const contradiction = ({ file }: Place, lock: string): Failed =>
  new Failed({
    kind: 'document',
    file,
    problem: `It says itself what it is made of, and ${lock} is the lock of a generation 1 version`,
    hint: 'leave --lock out; or give the lock another --version-id',
  });

function readPresent(root: string, file: string, wantedBy: string | undefined): unknown {
  const name = nameIn(root, file);
  try {
    return readJson(file, name);
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind !== 'absent') throw error;
    const id = basename(file, '.json');
    const meant = nearest(id, versionIds(root));
    const create = `create it with \`pipeline create ${id} --repo <url>\``;
    const what =
      wantedBy === undefined ? `Version ${id} (${name})` : `Version ${id} (${name}), which ${wantedBy} extends,`;
    throw new Failed({
      kind: 'absent',
      what,
      hint: meant === undefined ? create : `did you mean \`${meant}\`? If not, ${create}`,
    });
  }
}
