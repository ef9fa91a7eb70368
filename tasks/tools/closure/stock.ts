import { Failed } from '#engine';

import { type Card, cardText, decide, unusableText } from './card.ts';
import type { Catalogue } from './catalogue.ts';
import type { Metadata } from './metadata.ts';
import { type Offer, offersOf, type Sources } from './offer.ts';
import { admits } from './specifier.ts';
import { markersOf, type Target } from './target.ts';
import type { Wish } from './wish.ts';

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
  /** Reads ahead what a solver will likely ask for: it may ask for one thing after the other. */
  warm(wish: Wish): void;
  /** All cards that were read so far. */
  readonly read: ReadonlyMap<string, Card>;
  /** Versions that say nothing that can be read, or cannot be built: why, by `name version`. */
  readonly broken: ReadonlyMap<string, Failed>;
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
  const broken = new Map<string, Failed>();
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
  const warmed = new Set<string>();
  const warm = async ({ name, specifier }: Wish): Promise<void> => {
    if (warmed.has(name)) return;
    warmed.add(name);
    // Nobody's builder is started on a guess.
    const best = (await offers(name, 'never')).find(({ version }) => admits(specifier, version));
    const { needs } = best === undefined ? { needs: [] } : await card(name, best.version);
    await Promise.all(needs.flatMap(({ wish, onlyFor }) => (onlyFor === undefined ? [warm(wish)] : [])));
  };
  return {
    offers,
    card,
    read,
    broken,
    // What goes wrong is told to whoever asks for it.
    warm: (wish) => void warm(wish).catch(() => undefined),
    async text(name, version) {
      const found = await card(name, version).catch((error: unknown) => {
        if (!isOfOneVersion(error)) throw error;
        broken.set(`${name} ${version}`, error);
      });
      if (found === undefined) return unusableText({ name, version });
      return cardText(found, standing);
    },
  };
}

const nowhere = { filename: '', url: '', reach: '', yanked: false } as const;

/** Whether something is wrong with one version, so that another may do. What servers and disks do concerns all of them. */
const isOfOneVersion = (error: unknown): error is Failed =>
  error instanceof Failed && ['refused', 'command', 'absent', 'conflict'].includes(error.failure.kind);
