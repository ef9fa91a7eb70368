import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Emit, Event } from '#engine';
import { disk, findRoot } from '../documents/paths.ts';
import type { RealizeFacts } from '../realize.ts';
import type { Around } from './around.ts';
import type { Grounds } from './keep-repeat.ts';
import { type Given, openProject, type Project } from './open-project.ts';
import { pathIn, type Witness, witness, witnessAll } from '../../tasks/tools/witness.ts';

/** Opens a project, with a look at every document that it may be read from: taken before it was read. */
export function openWitnessed(
  around: Around,
  id: string | undefined,
  given: Given,
): { readonly project: Project; readonly documents: readonly Witness[] } {
  const documents = witnessDocuments(around, given);
  const project = openProject(around, id, given);
  const seen = new Set(documents.map(pathIn));
  const elsewhere = [...(project.locks ?? []), project.lockfile ?? []].flat().filter((file) => !seen.has(file));
  if (elsewhere.length === 0) return { project, documents };
  // What else it is made of is only known once it was read: it is looked at, and all is read again.
  const all = [...documents, ...elsewhere.flatMap(witnessFollowed)];
  return { documents: all, project: openProject(around, id, given) };
}

/** Looks at everything that is a document by its place, and at what is named. */
function witnessDocuments({ cwd }: Around, given: Given): readonly Witness[] {
  const { path: root } = findRoot({ cwd, probe: disk });
  const rooms = ['versions', 'lockfiles'].map((room) => join(root, room));
  const named = [given.spec, given.lock].filter((file) => file !== undefined).map((file) => resolve(cwd, file));
  const inside = rooms.filter((room) => existsSync(room)).flatMap((room) => witnessAll(realpathSync(room), isDocument));
  return [...rooms, ...named, ...inside.map(pathIn).filter(isLink)].flatMap(witnessFollowed).concat(inside);
}

const isDocument = (name: string): boolean => name.endsWith('.json');
const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/** Looks at a path and, when it is a symbolic link, at what it leads to. */
const witnessFollowed = (path: string): readonly Witness[] =>
  isLink(path) && existsSync(path) ? [witness(path), witness(realpathSync(path))] : [witness(path)];

/** What decides that realizing a version again has nothing to do. */
export function groundsOf(
  { paths, settings, version }: Project,
  { interpreter, lock, skipModels }: RealizeFacts,
  documents: readonly Witness[],
): Grounds {
  const shown = skipModels ? [] : lock.models.filter(({ root }) => root === 'models');
  const chosen = settings.environment['COMFY_PYTHON'];
  return {
    documents,
    interpreter: interpreter.path,
    others: [...shown.map(({ path }) => join(paths.models, path)), ...(chosen?.includes('/') ? [resolve(chosen)] : [])],
    variables: Object.values(version.env).flatMap((text) =>
      [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!),
    ),
    target: paths.target,
  };
}

/** Keeps what a screen is told. Progress is left out: it is much, and says nothing afterwards. */
export function onTape(screen: Emit): { readonly emit: Emit; readonly told: readonly Event[] } {
  const told: Event[] = [];
  return {
    told,
    emit(event) {
      if (event.type !== 'step.progress' && event.type !== 'step.output') told.push(event);
      screen(event);
    },
  };
}
