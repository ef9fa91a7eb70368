import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import type { Card } from './card.ts';
import type { Catalogue } from './catalogue.ts';
import { type Evidence, explain, mentionedIn, type Want, wantsOf } from './conflict.ts';
import { openLocalIndex } from './local-index.ts';
import type { Metadata } from './metadata.ts';
import type { Offer, Sources } from './offer.ts';
import type { Root } from './root.ts';
import type { Solution, Solver } from './solver.ts';
import { admits } from './specifier.ts';
import { type Held, openStock, type Stock } from './stock.ts';
import type { Target } from './target.ts';
import { namesIn, type Wish, wishText } from './wish.ts';

/** What is to be chosen. */
export interface Problem {
  readonly target: Target;
  readonly roots: readonly Root[];
  /** These win over all that anybody else says of the same package. */
  readonly overrides: readonly Root[];
  readonly held: ReadonlyMap<string, Held>;
  /** Versions that stay if they can. */
  readonly kept: ReadonlyMap<string, string>;
  /** Whether what has no wheel may be built. */
  readonly mayBuild: boolean;
}

/** What choosing takes. */
export interface Means {
  readonly catalogue: Catalogue;
  readonly solver: () => Promise<Solver>;
  readonly metadata: (offer: Offer) => Promise<Metadata>;
  readonly scratch: string;
}

/** One version of each package, so that everything holds together. */
export interface Choice {
  readonly offers: ReadonlyMap<string, Offer>;
  readonly cards: ReadonlyMap<string, Card>;
  readonly stock: Stock;
  readonly roots: readonly Root[];
  /** What of `kept` could not stay, and those who did not let it. */
  readonly moved: readonly { readonly name: string; readonly from: string; readonly to: string; readonly for: readonly Want[] }[];
}

/** Chooses. Throws `conflict` or `absent` when there is nothing to choose, and what went wrong on the way there. */
export async function choose(problem: Problem, means: Means): Promise<Choice> {
  const overridden = new Set(problem.overrides.map(({ wish }) => wish.name));
  const roots = problem.roots.map((root) => (overridden.has(root.wish.name) ? { ...root, wish: free(root) } : root));
  const stock = openStock({ ...means, ...problem, overridden, asked: askedIn([...roots, ...problem.overrides]) });
  const kept = new Map([...problem.kept].filter(([name]) => !overridden.has(name) && !problem.held.has(name)));
  if (roots.length === 0) return { offers: new Map(), cards: new Map(), stock, roots, moved: [] };
  const search: Search = { ...problem, roots, overridden, stock, means };
  const { found, sourcesOf, pins } = await find(search, kept);
  const offers = new Map<string, Offer>();
  const cards = new Map<string, Card>();
  for (const [name, version] of found) {
    const offer = (await stock.offers(name, sourcesOf(name))).find((each) => each.version === version);
    if (offer === undefined) throw new Error(`The solver chose ${name} ${version}, which was not on offer`);
    offers.set(name, offer);
    cards.set(name, await stock.card(name, version));
  }
  const moved = [...kept].flatMap(([name, from]) => {
    const to = found.get(name);
    if (to === undefined || to === from || pins.has(name)) return [];
    const wants = wantsOf(name, { roots, overridden, cards: [...cards.values()] });
    return [{ name, from, to, for: wants.filter(({ specifier }) => !admits(specifier, from)) }];
  });
  return { offers, cards, stock, roots, moved };
}

/** A wish for the package as such. */
const free = ({ wish: { name, extras } }: Root): Wish => ({ name, extras, specifier: '' });

function askedIn(roots: readonly Root[]): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(roots, ({ wish }) => wish.name);
  return new Map([...groups].map(([name, all]) => [name, all.map(({ wish }) => wish.specifier)]));
}

interface Search extends Problem {
  readonly overridden: ReadonlySet<string>;
  readonly stock: Stock;
  readonly means: Means;
}

interface Found {
  readonly found: ReadonlyMap<string, string>;
  readonly sourcesOf: (name: string) => Sources;
  /** What of the kept versions was held on to. */
  readonly pins: ReadonlyMap<string, string>;
}

/** Solves with everything kept; where that cannot be, lets go of what stands in the way, then looks at more sources. */
async function find(search: Search, kept: ReadonlyMap<string, string>): Promise<Found> {
  const { mayBuild, stock, overrides, overridden } = search;
  const built = new Set<string>();
  const sourcesOf = (name: string): Sources => (!mayBuild ? 'never' : built.has(name) ? 'beside' : 'instead');
  let pins = kept;
  for (;;) {
    const { found, said = [] } = await ask(search, pins, sourcesOf);
    if (found !== undefined) return { found, sourcesOf, pins };
    if (pins.size > 0) {
      const released = without(pins, said);
      pins = released.size < pins.size ? released : new Map();
      continue;
    }
    const roots = [...search.roots.filter(({ wish }) => !overridden.has(wish.name)), ...overrides];
    const evidence = { ...search, roots, said, cards: [...stock.read.values()] };
    const more = mayBuild ? await onlyAsSource(evidence, built) : [];
    if (more.length === 0) throw await explain({ ...evidence, offers: (name) => stock.offers(name, sourcesOf(name)) });
    for (const name of more) built.add(name);
  }
}

/** The packages of which there is what everybody wants, but not as a wheel. */
async function onlyAsSource(evidence: Omit<Evidence, 'offers'> & Search, known: ReadonlySet<string>): Promise<readonly string[]> {
  const names = mentionedIn(evidence).filter((name) => !known.has(name));
  const needs = await Promise.all(
    names.map(async (name) => {
      const wants = wantsOf(name, evidence);
      const fits = ({ version }: Offer): boolean => wants.every(({ specifier }) => admits(specifier, version));
      const isWheel = (await evidence.stock.offers(name, 'never')).some(fits);
      return !isWheel && (await evidence.stock.offers(name, 'beside')).some(fits);
    }),
  );
  return names.filter((_, at) => needs[at]);
}

/** The pins whose packages nobody mentions. */
function without(pins: ReadonlyMap<string, string>, said: readonly string[]): ReadonlyMap<string, string> {
  const mentioned = namesIn(said.join('\n'));
  return new Map([...pins].filter(([name]) => !mentioned.has(name)));
}

/** Shows a solver what there is. */
async function ask(
  { roots, overrides, stock, means: { solver, scratch } }: Search,
  pins: ReadonlyMap<string, string>,
  sourcesOf: (name: string) => Sources,
): Promise<Solution> {
  // Whoever solves one page after the other finds the first ones ready.
  for (const { wish } of roots) void stock.offers(wish.name, sourcesOf(wish.name)).catch(() => undefined);
  await using index = await openLocalIndex({
    versions: async (name) => (await stock.offers(name, sourcesOf(name))).map(({ version }) => version),
    card: (name, version) => stock.text(name, version),
  });
  const constraints = overrides.map(({ wish }) => `${wish.name}${wish.specifier}`);
  const solution = await (await solver()).solve({
    wanted: [...new Set(roots.map(({ wish: { url: _, ...wish } }) => wishText(wish)))],
    constraints: [...constraints, ...[...pins].map(([name, version]) => `${name}==${version}`)],
    index: index.url,
    scratch: mkdtempSync(join(scratch, 'solve-')),
  });
  // An index that failed to answer makes a solver say that there is nothing.
  if (solution.found === undefined && index.troubles.length > 0) throw index.troubles[0];
  return solution;
}
