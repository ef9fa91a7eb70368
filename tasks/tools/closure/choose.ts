import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import type { Card } from './card.ts';
import type { Catalogue } from './catalogue.ts';
import { explain } from './conflict.ts';
import { openLocalIndex } from './local-index.ts';
import type { Metadata } from './metadata.ts';
import type { Offer, Sources } from './offer.ts';
import type { Root } from './root.ts';
import type { Solution, Solver } from './solver.ts';
import { admits } from './specifier.ts';
import { type Held, openStock, type Stock } from './stock.ts';
import type { Target } from './target.ts';
import { mentionedIn, type Want, wantsOf, type Wishes } from './wants.ts';
import { indexWishText, namesIn, type Wish } from './wish.ts';

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
  readonly moved: readonly {
    readonly name: string;
    readonly from: string;
    readonly to: string;
    readonly for: readonly Want[];
  }[];
}

/** Chooses. Throws `conflict` or `absent` when there is nothing to choose, and what went wrong on the way there. */
export async function choose(problem: Problem, means: Means): Promise<Choice> {
  const overridden = new Set(problem.overrides.map(({ wish }) => wish.name));
  const roots = problem.roots.map((root) => (overridden.has(root.wish.name) ? { ...root, wish: free(root) } : root));
  const kept = new Map([...problem.kept].filter(([name]) => !overridden.has(name) && !problem.held.has(name)));
  const search = openSearch({ ...problem, roots, overridden, kept }, means);
  const { stock } = search;
  if (roots.length === 0) return { offers: new Map(), cards: new Map(), stock, roots, moved: [] };
  const found = await find(search);
  const offers = new Map<string, Offer>();
  const cards = new Map<string, Card>();
  for (const [name, version] of found) {
    const offer = (await search.offers(name)).find((each) => each.version === version);
    if (offer === undefined) throw new Error(`The solver chose ${name} ${version}, which was not on offer`);
    offers.set(name, offer);
    cards.set(name, await stock.card(name, version));
  }
  const moved = [...kept].flatMap(([name, from]) => {
    const to = found.get(name);
    if (to === undefined || to === from) return [];
    const wants = wantsOf(name, { roots, overridden, cards: [...cards.values()] });
    return [{ name, from, to, for: wants.filter(({ specifier }) => !admits(specifier, from)) }];
  });
  return { offers, cards, stock, roots, moved };
}

/** A wish for the package as such. */
const free = ({ wish: { name, extras } }: Root): Wish => ({ name, extras, specifier: '' });

/** A search under way: what it holds on to gets less, what it looks at gets more. */
interface Search extends Problem {
  readonly overridden: ReadonlySet<string>;
  readonly stock: Stock;
  readonly means: Means;
  /** Versions that are held on to. */
  pins: ReadonlyMap<string, string>;
  /** Packages whose sources are on offer beside their wheels. */
  readonly built: Set<string>;
  readonly offers: (name: string) => Promise<readonly Offer[]>;
}

function openSearch(problem: Problem & { readonly overridden: ReadonlySet<string> }, means: Means): Search {
  const lines = Map.groupBy([...problem.roots, ...problem.overrides], ({ wish }) => wish.name);
  const asked = (name: string): readonly string[] => {
    const pin = search.pins.get(name);
    return [...(lines.get(name) ?? []).map(({ wish }) => wish.specifier), ...(pin === undefined ? [] : [`==${pin}`])];
  };
  const sourcesOf = (name: string): Sources =>
    !problem.mayBuild ? 'never' : search.built.has(name) ? 'beside' : 'instead';
  const stock = openStock({ ...means, ...problem, asked });
  const search: Search = {
    ...problem,
    stock,
    means,
    pins: problem.kept,
    built: new Set(),
    offers: (name) => stock.offers(name, sourcesOf(name)),
  };
  return search;
}

/** Solves with everything kept; where that cannot be, lets go of what stands in the way, then looks at more sources. */
async function find(search: Search): Promise<ReadonlyMap<string, string>> {
  const { mayBuild, stock, overrides, overridden, offers } = search;
  for (;;) {
    const { found, said = [] } = await ask(search);
    if (found !== undefined) return found;
    if (search.pins.size > 0) {
      const released = without(search.pins, said);
      search.pins = released.size < search.pins.size ? released : new Map();
      continue;
    }
    const roots = [...search.roots.filter(({ wish }) => !overridden.has(wish.name)), ...overrides];
    const wishes: Wishes = { roots, overridden, cards: [...stock.read.values()] };
    const more = mayBuild ? await onlyAsSource(mentionedIn(said, wishes), wishes, search) : [];
    if (more.length === 0) throw await explain({ ...search, ...wishes, said, offers, broken: stock.broken });
    for (const name of more) search.built.add(name);
  }
}

/** Those of some packages of which there is what everybody wants, but not as a wheel. */
async function onlyAsSource(
  names: readonly string[],
  wishes: Wishes,
  { stock, built }: Search,
): Promise<readonly string[]> {
  const needs = names.map(async (name) => {
    const wants = wantsOf(name, wishes);
    const fits = ({ version }: Offer): boolean => wants.every(({ specifier }) => admits(specifier, version));
    const isWheel = (await stock.offers(name, 'never')).some(fits);
    return !built.has(name) && !isWheel && (await stock.offers(name, 'beside')).some(fits) ? [name] : [];
  });
  return (await Promise.all(needs)).flat();
}

/** The pins whose packages nobody mentions. */
function without(pins: ReadonlyMap<string, string>, said: readonly string[]): ReadonlyMap<string, string> {
  const mentioned = namesIn(said.join('\n'));
  return new Map([...pins].filter(([name]) => !mentioned.has(name)));
}

/** Shows a solver what there is. */
async function ask({ roots, overrides, stock, pins, offers, means: { solver, scratch } }: Search): Promise<Solution> {
  for (const { wish } of roots) stock.warm(wish);
  await using index = await openLocalIndex({
    versions: async (name) => (await offers(name)).map(({ version }) => version),
    card: (name, version) => stock.text(name, version),
  });
  const constraints = overrides.map(({ wish }) => `${wish.name}${wish.specifier}`);
  const solution = await (
    await solver()
  ).solve({
    wanted: [...new Set(roots.map(({ wish }) => indexWishText(wish)))],
    constraints: [...constraints, ...[...pins].map(([name, version]) => `${name}==${version}`)],
    index: index.url,
    scratch: mkdtempSync(join(scratch, 'solve-')),
  });
  // What a solver could not see, it may have done without.
  if (index.troubles.length > 0) throw index.troubles[0];
  return solution;
}
