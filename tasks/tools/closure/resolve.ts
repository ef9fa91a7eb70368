import { Failed, type Python, type ResolvedPackage } from '#engine';

import { minorOf, normalName } from '../python/wheel-name.ts';
import { type HeldOnHand, heldIn, type Line, readLines } from './asked.ts';
import type { Indexes } from './catalogue.ts';
import { type Choice, choose } from './choose.ts';
import type { Offer } from './offer.ts';
import { openSession, type Seams, type Session } from './session.ts';
import type { Target } from './target.ts';
import { torchIndex, usualTorchIndex } from './torch.ts';
import { torchWarnings } from './torch-warnings.ts';
import { wantedBy } from './wanted-by.ts';

type Wanted = Parameters<Python['resolve']>[0];
type Closure = Awaited<ReturnType<Python['resolve']>>;
type Note = Closure['notes'][number];

/**
 * The full closure of what is asked, every file of it pinned. Solvers are shown an index of ours that holds nothing but the
 * versions that can be had, so that all come to the same answer. Throws `conflict`, `absent`, `refused` or `integrity`.
 */
export async function resolveClosure(wanted: Wanted, seams: Seams): Promise<Closure> {
  const { interpreter, platform, scratch } = wanted;
  const target: Target = { platform, python: interpreter.version };
  const session = openSession({ interpreter, indexes: indexesOf(wanted, seams), scratch }, seams);
  const reading = { target, session, http: seams.http };
  const lines = await readLines(wanted.lines, reading);
  const overrides = await readLines(wanted.overrides, reading);
  const held = heldIn(lines, overrides);
  const problem = {
    target,
    roots: lines.map(({ root }) => root),
    overrides: overrides.map(({ root }) => root),
    held,
    kept: new Map(wanted.kept.map(({ name, version }) => [normalName(name), version])),
    mayBuild: true,
  };
  const choice = await choose(problem, session.means);
  const packages = await pin(choice, { session, target, held, toolsBefore: toolsOf(wanted.kept) });
  demandHashes(packages, [...lines, ...overrides]);
  const warnings = await torchWarnings(choice);
  const notes = [
    ...built(packages, target),
    ...moved(choice),
    ...warnings.map((text) => ({ level: 'warning', text }) as const),
  ];
  return { packages, notes };
}

/** Which indexes are asked, in their order. One that the version names replaces what the user configured. */
function indexesOf({ indexUrl, extraIndexUrls = [], torch }: Wanted, { environment }: Seams): Indexes {
  const configured = (...names: readonly string[]): readonly string[] =>
    names.flatMap((name) => environment[name]?.split(/\s+/).filter((url) => url !== '') ?? []);
  const [main = 'https://pypi.org/simple'] =
    indexUrl === undefined ? configured('UV_DEFAULT_INDEX', 'UV_INDEX_URL', 'PIP_INDEX_URL') : [indexUrl];
  const extra = indexUrl === undefined ? configured('UV_EXTRA_INDEX_URL', 'PIP_EXTRA_INDEX_URL') : [];
  const base = environment['PIPELINE_TORCH_INDEX'] || usualTorchIndex;
  return {
    // What somebody added is asked first: a package of that name that strangers publish elsewhere is another one.
    ordinary: [...extraIndexUrls, ...extra, main],
    ...(torch === undefined ? {} : { torch: torchIndex(base, torch) }),
  };
}

/** The wheels that building each package took, by its name. */
type Tools = ReadonlyMap<string, readonly (readonly [name: string, version: string])[]>;

const toolsOf = (kept: Wanted['kept']): Tools =>
  new Map(kept.map(({ name, build = [] }) => [name, build.map((tool) => [tool.name, tool.version])]));

interface Pinning {
  readonly session: Session;
  readonly target: Target;
  readonly held: ReadonlyMap<string, HeldOnHand>;
  readonly toolsBefore: Tools;
}

async function pin({ offers, cards, roots }: Choice, pinning: Pinning): Promise<readonly ResolvedPackage[]> {
  const askers = wantedBy(roots, cards);
  const chosen = new Map([...offers.values()].map(({ name, version }) => [name, version]));
  const packages = [...offers.values()].map(async (offer): Promise<ResolvedPackage> => {
    const { name, version } = offer;
    return { name, version, wanted_by: askers.get(name) ?? [], ...(await originOf(offer, chosen, pinning)) };
  });
  return (await Promise.all(packages)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where a package comes from: a wheel, or a source with what building it takes. What it is built against is what is chosen. */
async function originOf(offer: Offer, chosen: ReadonlyMap<string, string>, pinning: Pinning) {
  const { session, target, held, toolsBefore } = pinning;
  const own = held.get(offer.name);
  if (own !== undefined && 'filename' in own.pinned) return own.pinned;
  if (own === undefined && !offer.isSource) return session.wheel(offer.file);
  const { requires, pinned } =
    own?.source === undefined ? await session.source(offer.file) : { ...own.source, pinned: own.pinned };
  const kept = new Map([...(toolsBefore.get(offer.name) ?? []), ...chosen]);
  const build = await session.tools(requires, { called: offer.name, target, kept });
  return 'commit' in pinned
    ? { kind: 'git' as const, source: pinned, build }
    : { kind: 'archive' as const, source: pinned, build };
}

/** A requirement with hashes takes no other file. */
function demandHashes(packages: readonly ResolvedPackage[], lines: readonly Line[]): void {
  for (const { root, hashes } of lines) {
    const found = packages.find(({ name }) => name === root.wish.name);
    const file = found && ('source' in found ? found.source : found);
    if (file === undefined || !('sha256' in file) || hashes.length === 0 || hashes.includes(file.sha256)) continue;
    const hint = `${root.where} names hashes, and the file that was found has none of them`;
    throw new Failed({
      kind: 'integrity',
      what: root.wish.name,
      expected: hashes.join(' or '),
      actual: file.sha256,
      hint,
    });
  }
}

const built = (packages: readonly ResolvedPackage[], { python, platform }: Target): readonly Note[] =>
  packages
    .filter((one) => 'source' in one)
    .map(({ name, version }) => ({
      level: 'info',
      text: `${name} ${version} is built from its source, which runs its code: there is no wheel of it for Python ${minorOf(python)} on ${platform}`,
    }));

const moved = (choice: Choice): readonly Note[] =>
  choice.moved.map(({ name, from, to, for: wants }) => {
    const reason = wants.map(({ who, what }) => `${who} wants ${what}`).join(', ');
    return { level: 'warning', text: `${name} moves from ${from} to ${to}: ${reason || 'so does what it goes with'}` };
  });
