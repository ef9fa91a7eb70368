import { Failed } from '#engine';

import { type Card, cardText, decide } from './card.ts';
import type { Catalogue } from './catalogue.ts';
import { markersOf, type Target } from './target.ts';
import type { Metadata } from './metadata.ts';
import { type Offer, offersOf, type Sources } from './offer.ts';

/** A package that comes from no index: the only one of its name. */
export interface Held {
  readonly name: string;
  readonly version: string;
  readonly metadata: Metadata;
}

/** Everything that a solver may choose from, read once however often it is asked. */
export interface Stock {
  /** The versions of a package that can be had, newest first. */
  offers(name: string, sources: Sources): Promise<readonly Offer[]>;
  /** What one of them asks for. */
  card(name: string, version: string): Promise<Card>;
  /** The same for a solver. */
  text(name: string, version: string): Promise<string>;
  /** All cards that were read so far. */
  readonly read: ReadonlyMap<string, Card>;
}

/** What a stock is made of. */
export interface Supplies {
  readonly catalogue: Catalogue;
  readonly target: Target;
  /** What people wrote themselves of a package, and the version that is held on to now: specifiers. */
  readonly asked: (name: string) => readonly string[];
  readonly overridden: ReadonlySet<string>;
  readonly held: ReadonlyMap<string, Held>;
  /** What a file of the catalogue says of itself; a source may have to be asked. */
  readonly metadata: (offer: Offer) => Promise<Metadata>;
}

/** Opens a stock. */
export function openStock({ catalogue, target, asked, overridden, held, metadata }: Supplies): Stock {
  const standing = { environment: markersOf(target), overridden, held: new Set(held.keys()) };
  const cards = new Map<string, Promise<Card>>();
  const read = new Map<string, Card>();
  const offers: Stock['offers'] = async (name, sources) => {
    const own = held.get(name);
    if (own !== undefined) return [{ ...own, isSource: false, file: nowhere }];
    return offersOf(name, await catalogue.files(name), { target, asked: asked(name), sources });
  };
  const make = async (name: string, version: string): Promise<Card> => {
    const own = held.get(name);
    const card = decide({ name, version }, own?.metadata ?? (await listed(name, version)), standing);
    read.set(`${name} ${version}`, card);
    return card;
  };
  const listed = async (name: string, version: string): Promise<Metadata> => {
    const offer = (await offers(name, 'beside')).find((each) => each.version === version);
    if (offer === undefined) throw new Failed({ kind: 'absent', what: `${name} ${version}` });
    return metadata(offer);
  };
  const card: Stock['card'] = (name, version) => {
    const key = `${name} ${version}`;
    const known = cards.get(key) ?? make(name, version);
    cards.set(key, known);
    return known;
  };
  return {
    offers,
    card,
    read,
    async text(name, version) {
      const { needs, ...rest } = await card(name, version);
      // Whoever reads this asks for these next, one after the other.
      for (const { wish, onlyFor } of needs)
        if (onlyFor === undefined) void offers(wish.name, 'never').catch(() => undefined);
      return cardText({ needs, ...rest }, standing);
    },
  };
}

const nowhere = { filename: '', url: '', reach: '', yanked: false } as const;
