import { Failed, type HeldPackage, type Python, type ResolvedPackage } from '#engine';

import { normalName, parseWheelName } from '../python/wheel-name.ts';
import { minorOf } from '../python/wheel-name.ts';
import { type Choice, choose } from './choose.ts';
import type { Inspected } from './inspect.ts';
import type { Offer } from './offer.ts';
import { hashesOf, type Root, rootOf } from './root.ts';
import { openSession, type Seams, type Session } from './session.ts';
import type { Held } from './stock.ts';
import { markersOf, type Target } from './target.ts';
import { torchIndex, usualTorchIndex } from './torch.ts';
import { torchWarnings } from './torch-warnings.ts';
import { parseVersion, versionText } from './version.ts';
import { wantedBy } from './wanted-by.ts';
import { metadataIn } from './wheel-metadata.ts';

type Wanted = Parameters<Python['resolve']>[0];
type Closure = Awaited<ReturnType<Python['resolve']>>;

/**
 * The full closure of what is asked, every file of it pinned. Solvers are shown an index of ours that holds nothing but the
 * versions that can be had, so that all come to the same answer. Throws `conflict`, `absent`, `refused` or `integrity`.
 */
export async function resolveClosure(wanted: Wanted, seams: Seams): Promise<Closure> {
  const { interpreter, platform, scratch } = wanted;
  const target: Target = { platform, python: interpreter.version };
  const session = openSession({ interpreter, indexes: indexesOf(wanted, seams), scratch }, seams);
  const lines = await readLines(wanted.lines, target, session);
  const overrides = await readLines(wanted.overrides, target, session);
  const problem = {
    target,
    roots: lines.map(({ root }) => root),
    overrides: overrides.map(({ root }) => root),
    held: heldOf(lines, overrides),
    kept: new Map(wanted.kept.map(({ name, version }) => [normalName(name), version])),
    mayBuild: true,
  };
  const choice = await choose(problem, session.means);
  const askers = wantedBy(choice.roots, choice.cards);
  const versions = new Map([...choice.offers.values()].map(({ name, version }) => [name, version]));
  const packages = await Promise.all(
    [...choice.offers.values()].map(async (offer): Promise<ResolvedPackage> => {
      const { name, version } = offer;
      const from = await originOf(offer, { session, target, held: problem.held, kept: versions });
      return { name, version, wanted_by: askers.get(name) ?? [], ...from };
    }),
  );
  demandHashes(packages, wanted.lines, problem.roots);
  return { packages: packages.toSorted((a, b) => (a.name < b.name ? -1 : 1)), notes: await notesOn(choice, packages, target) };
}
