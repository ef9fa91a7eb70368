import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

import type { Emit, Event } from '#engine';
import { disk, findRoot } from '../documents/paths.ts';
import type { RealizeFacts } from '../realize.ts';
import type { Around } from './around.ts';
import type { Grounds } from './keep-repeat.ts';
import type { Project } from './open-project.ts';
import { type Witness, witness, witnessAll } from '../../tasks/tools/witness.ts';

/** Looks at every document that a version may be made of, before any of them is read. */
export function witnessDocuments(
  { cwd }: Around,
  given: { readonly spec?: string; readonly lock?: string },
): readonly Witness[] {
  const { path: root } = findRoot({ cwd, probe: disk });
  const rooms = ['versions', 'lockfiles'].map((room) => join(root, room));
  const named = [given.spec, given.lock].filter((file) => file !== undefined).map((file) => resolve(cwd, file));
  return [
    ...rooms.flatMap((room) => (existsSync(room) ? witnessAll(room, isDocument) : [witness(room)])),
    ...named.map(witness),
  ];
}

const isDocument = (name: string): boolean => name.endsWith('.json');

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
