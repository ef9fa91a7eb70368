import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import type { Card } from './card.ts';
import type { Catalogue } from './catalogue.ts';
import { explain, type Want, wantsOf } from './conflict.ts';
import { openLocalIndex } from './local-index.ts';
import type { Metadata } from './metadata.ts';
import type { Offer, Sources } from './offer.ts';
import type { Root } from './root.ts';
import type { Solution, Solver } from './solver.ts';
import { admits } from './specifier.ts';
import { type Held, openStock, type Stock } from './stock.ts';
import type { Target } from './target.ts';
import { namesIn, wishText } from './wish.ts';

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
  const { found, sources, pins } = await search({ ...problem, roots, kept }, stock, means);
  const offers = new Map<string, Offer>();
  const cards = new Map<string, Card>();
  for (const [name, version] of found) {
    const offer = (await stock.offers(name, sources)).find((each) => each.version === version);
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
const free = ({ wish: { name, extras } }: Root) => ({ name, extras, specifier: '' });

function askedIn(roots: readonly Root[]): ReadonlyMap<string, readonly string[]> {
  const groups = Map.groupBy(roots, ({ wish }) => wish.name);
  return new Map([...groups].map(([name, all]) => [name, all.map(({ wish }) => wish.specifier)]));
}

interface Found {
  readonly found: ReadonlyMap<string, string>;
  readonly sources: Sources;
  /** What of the kept versions was held on to. */
  readonly pins: ReadonlyMap<string, string>;
}

/** Solves with everything kept; where that cannot be, lets go of what stands in the way, then looks at more sources. */
async function search(problem: Problem, stock: Stock, means: Means): Promise<Found> {
  let pins = problem.kept;
  let sources: Sources = problem.mayBuild ? 'needed' : 'none';
  for (;;) {
    const solution = await ask(problem, { pins, sources, stock }, means);
    if (solution.found !== undefined) return { found: solution.found, sources, pins };
    const { said } = solution;
    const released = without(pins, said.join('\n'));
    if (pins.size > 0) pins = released.size < pins.size ? released : new Map();
    else if (sources === 'needed') sources = 'all';
    else {
      const from = sources;
      const { roots, overrides, target } = problem;
      const overridden = new Set(overrides.map(({ wish }) => wish.name));
      const all = [...roots.filter(({ wish }) => !overridden.has(wish.name)), ...overrides];
      const cards = [...stock.read.values()];
      throw await explain({ roots: all, overridden, cards, target, said, offers: (name) => stock.offers(name, from) });
    }
  }
}

/** The pins whose packages a text does not mention. */
function without(pins: ReadonlyMap<string, string>, text: string): ReadonlyMap<string, string> {
  const mentioned = namesIn(text);
  return new Map([...pins].filter(([name]) => !mentioned.has(name)));
}

async function ask(
  { roots, overrides }: Problem,
  how: { readonly pins: ReadonlyMap<string, string>; readonly sources: Sources; readonly stock: Stock },
  { solver, scratch }: Means,
): Promise<Solution> {
  const { pins, sources, stock } = how;
  // Whoever solves one page after the other finds the first ones ready.
  for (const { wish } of roots) void stock.offers(wish.name, sources).catch(() => undefined);
  await using index = await openLocalIndex({
    versions: async (name) => (await stock.offers(name, sources)).map(({ version }) => version),
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
