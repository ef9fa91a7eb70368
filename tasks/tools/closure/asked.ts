import { type AskedLine, Failed, type HeldPackage, type Http } from '#engine';

import { normalName, parseWheelName } from '../python/wheel-name.ts';
import { redactUrl } from '../redact.ts';
import type { Inspected } from './inspect.ts';
import type { Metadata } from './metadata.ts';
import { rankOf } from './rank.ts';
import { type Root, rootOf } from './root.ts';
import type { Session } from './session.ts';
import type { Held } from './stock.ts';
import { markersOf, type Target } from './target.ts';
import { parseVersion, versionText } from './version.ts';
import { metadataIn } from './wheel-metadata.ts';

/** A package that lies on this machine, and what it is pinned by. `source` is what it said, when it is to be built. */
export interface HeldOnHand extends Held {
  readonly pinned: HeldPackage['pinned'];
  readonly source?: Inspected;
}

/** A line that holds for a target. */
export interface Line {
  readonly root: Root;
  /** One of them is the SHA-256 of the file; none means any. */
  readonly hashes: readonly string[];
  readonly held?: HeldOnHand;
}

/** Reads the lines that hold for a target, and looks into everything that lies ready for them. */
export async function readLines(
  asked: readonly AskedLine[],
  { target, session, http }: { readonly target: Target; readonly session: Session; readonly http: Pick<Http, 'read'> },
): Promise<readonly Line[]> {
  const environment = markersOf(target);
  const read = asked.map(async ({ held, ...line }): Promise<readonly Line[]> => {
    const root = rootOf(line, environment);
    if (root === undefined) return [];
    const hashes = [...line.line.matchAll(/ --hash=sha256:([0-9a-f]{64})/g)].map(([, hash]) => hash!);
    if (held === undefined) return [{ root, hashes }];
    const onHand = await lookInto(held, { line, target, session, http });
    if (root.wish.name !== '' && root.wish.name !== onHand.name) throw misnamed(line, root.wish.name, onHand.name);
    return [{ root: { ...root, wish: { ...root.wish, name: onHand.name } }, hashes, held: onHand }];
  });
  return (await Promise.all(read)).flat();
}

interface Looking {
  readonly line: AskedLine;
  readonly target: Target;
  readonly session: Session;
  readonly http: Pick<Http, 'read'>;
}

async function lookInto({ path, pinned }: HeldPackage, { line, target, session, http }: Looking): Promise<HeldOnHand> {
  const { where } = line;
  if (!('filename' in pinned)) {
    const { subdirectory } = pinned;
    const source = await session.inspect({ path, ...(subdirectory === undefined ? {} : { subdirectory }) }, where);
    return { ...identityOf(source.metadata, where), pinned, source };
  }
  if (rankOf(parseWheelName(pinned.filename), target) === undefined)
    throw new Failed({
      kind: 'refused',
      what: `${pinned.filename} (${where})`,
      because: `it is not made for Python ${target.python} on ${target.platform}`,
      hint: 'name a wheel that is, or say behind a `;` where it is wanted',
    });
  return { ...identityOf(await metadataIn(path, http, where), where), pinned };
}

function identityOf(metadata: Metadata, where: string): Held {
  const version = parseVersion(metadata.version);
  if (version !== undefined) return { name: normalName(metadata.name), version: versionText(version), metadata };
  const because = `it calls its version ${JSON.stringify(metadata.version)}`;
  throw new Failed({ kind: 'refused', what: where, because });
}

const misnamed = ({ line, where }: AskedLine, name: string, actual: string): Failed =>
  new Failed({
    kind: 'refused',
    what: `${redactUrl(line)} (${where})`,
    because: `what is there is not ${name} but ${actual}`,
  });

/**
 * The packages that lie ready, one of each name. An override takes the place of what lines say. Throws `conflict` when two
 * lines bring different ones.
 */
export function heldIn(lines: readonly Line[], overrides: readonly Line[]): ReadonlyMap<string, HeldOnHand> {
  const overridden = new Set(overrides.map(({ root }) => root.wish.name));
  const relevant = [...lines.filter(({ root }) => !overridden.has(root.wish.name)), ...overrides];
  const held = new Map<string, HeldOnHand>();
  for (const { held: one } of relevant) {
    const other = one && held.get(one.name);
    if (other !== undefined && digestOf(other) !== digestOf(one)) throw twice(one!.name, relevant);
    if (one !== undefined) held.set(one.name, one);
  }
  return held;
}

const digestOf = (held: HeldOnHand | undefined): string | undefined =>
  held && ('commit' in held.pinned ? held.pinned.commit : held.pinned.sha256);

function twice(name: string, lines: readonly Line[]): Failed {
  const rivals = lines.filter(({ held }) => held?.name === name);
  const wants = rivals.map(({ root }) => ({ who: root.where, what: redactUrl(root.wish.url ?? name) }));
  const hint = `say in python.overrides which: ${JSON.stringify(`${name} @ ${wants[0]!.what}`)}`;
  return new Failed({ kind: 'conflict', what: name, wants, hint });
}
