import { Failed } from '#engine';

import { minorOf } from '../python/wheel-name.ts';
import { redactUrl } from '../redact.ts';
import type { Card } from './card.ts';
import type { Offer } from './offer.ts';
import type { Root } from './root.ts';
import { admits } from './specifier.ts';
import type { Target } from './target.ts';
import { compareVersions, parseVersion } from './version.ts';
import { namesIn, type Wish, wishText } from './wish.ts';

/** One who wants something of a package. */
export interface Want {
  readonly who: string;
  readonly what: string;
  readonly specifier: string;
  /** Whose line it comes from, when `who` is a package. */
  readonly through?: string;
}

/** Everything that is known when no solution was found. */
export interface Evidence {
  readonly roots: readonly Root[];
  readonly overridden: ReadonlySet<string>;
  /** What was read of packages, in any version. */
  readonly cards: readonly Card[];
  readonly offers: (name: string) => Promise<readonly Offer[]>;
  readonly target: Target;
  /** All that the solver said. */
  readonly said: readonly string[];
}

/** Why there is no solution, as a failure that names who wants what, and what would settle it. */
export async function explain(evidence: Evidence): Promise<Failed> {
  const names = mentionedIn(evidence);
  for (const name of names) {
    const wants = wantsOf(name, evidence);
    const offers = await evidence.offers(name);
    if (offers.length === 0 && wants.length > 0) return nothingThere(name, wants, evidence.target);
    const fits = (offer: Offer): boolean => wants.every(({ specifier }) => admits(specifier, offer.version));
    if (offers.some(fits)) continue;
    const alone = wants.find(({ specifier }) => !offers.some(({ version }) => admits(specifier, version)));
    if (alone !== undefined) return nothingFits(name, alone, offers, evidence.target);
    return conflict(name, wants, offers);
  }
  // Somewhere among versions that nobody wants for their own sake: all that can be said is who takes part.
  const disputed = names.find((name) => wantsOf(name, evidence).filter(({ specifier }) => specifier !== '').length > 1);
  if (disputed === undefined) return unexplained(evidence.said);
  return conflict(disputed, wantsOf(disputed, evidence), await evidence.offers(disputed));
}

/** The packages that a solver mentions, those it mentions first at the front. */
export function mentionedIn({ said, cards, roots }: Pick<Evidence, 'said' | 'cards' | 'roots'>): readonly string[] {
  const known = new Set([
    ...roots.map(({ wish }) => wish.name),
    ...cards.flatMap(({ name, needs }) => [name, ...needs.map(({ wish }) => wish.name)]),
  ]);
  return [...namesIn(said.join('\n'))].filter((name) => known.has(name));
}

/** Who wants what of a package: lines, and the newest of each package that was considered. */
export function wantsOf(
  name: string,
  { roots, cards, overridden }: Pick<Evidence, 'roots' | 'cards' | 'overridden'>,
): readonly Want[] {
  const free = overridden.has(name);
  const direct = roots
    .filter(({ wish }) => wish.name === name)
    .map(({ wish, where }) => saidBy(where, wish));
  const through = throughWhom(roots, cards);
  const indirect = considered(cards, roots).flatMap((card) => {
    const by = through.get(card.name);
    if (by === undefined || free) return [];
    return card.needs
      .filter(({ wish }) => wish.name === name)
      .map(({ wish }) => ({ ...saidBy(`${card.name} ${card.version}`, wish), through: by }));
  });
  return [...direct, ...indirect];
}

const saidBy = (who: string, wish: Wish): Want => ({ who, what: redactUrl(wishText(wish)), specifier: wish.specifier });

/** Of each package the newest version that was read and that the lines admit, with what it asks for given the extras that anybody wants. */
function considered(cards: readonly Card[], roots: readonly Root[]): readonly Card[] {
  const wishes = [...roots.map(({ wish }) => wish), ...cards.flatMap(({ needs }) => needs.map(({ wish }) => wish))];
  const extras = new Set(wishes.flatMap(({ name, extras: wanted }) => wanted.map((extra) => `${name}[${extra}]`)));
  const newest = new Map<string, Card>();
  for (const card of cards) {
    const wanted = roots.filter(({ wish }) => wish.name === card.name);
    if (!wanted.every(({ wish }) => admits(wish.specifier, card.version))) continue;
    const other = newest.get(card.name);
    if (other === undefined || isNewer(card.version, other.version)) newest.set(card.name, card);
  }
  return [...newest.values()].map(({ name, version, needs }) => ({
    name,
    version,
    needs: needs.filter(({ onlyFor }) => onlyFor === undefined || extras.has(`${name}[${onlyFor}]`)),
  }));
}

/** Package -> the line by which it comes in. */
function throughWhom(roots: readonly Root[], cards: readonly Card[]): ReadonlyMap<string, string> {
  const through = new Map<string, string>();
  for (const { wish, where } of roots) if (!through.has(wish.name)) through.set(wish.name, where);
  const latest = considered(cards, roots);
  for (const [name, where] of through)
    for (const { wish } of latest.find((card) => card.name === name)?.needs ?? [])
      if (!through.has(wish.name)) through.set(wish.name, where);
  return through;
}

const isNewer = (a: string, b: string): boolean => compareVersions(parseVersion(a)!, parseVersion(b)!) > 0;

function conflict(name: string, wants: readonly Want[], offers: readonly Offer[]): Failed {
  const settling = settle(wants, offers);
  const hint = settling && `${JSON.stringify(`${name}==${settling.version}`)} in python.overrides settles it: ${consequence(settling)}`;
  return new Failed({
    kind: 'conflict',
    what: name,
    wants: wants.map(({ who, what, through }) => ({ who, what, ...(through === undefined ? {} : { through }) })),
    ...(hint === undefined ? {} : { hint }),
  });
}

interface Settling {
  readonly version: string;
  readonly losers: readonly Want[];
}

/** The version that most can live with: core first, then the most of the others, then the newest. */
function settle(wants: readonly Want[], offers: readonly Offer[]): Settling | undefined {
  const weigh = (version: string): number =>
    wants.reduce((sum, want) => sum + (admits(want.specifier, version) ? weightOf(want) : 0), 0);
  const best = offers.reduce<Offer | undefined>(
    (found, offer) => (found === undefined || weigh(offer.version) > weigh(found.version) ? offer : found),
    undefined,
  );
  if (best === undefined) return undefined;
  const losers = wants.filter(({ specifier }) => !admits(specifier, best.version));
  // What is built locally is found by the version alone.
  return { version: best.version.replace(/\+.*$/, ''), losers };
}

const weightOf = ({ who, through = who }: Want): number => (through.startsWith('core/') ? 1_000 : 1);

const consequence = ({ losers }: Settling): string =>
  `${new Intl.ListFormat('en').format(losers.map(({ who }) => who))} ${losers.length === 1 ? 'has' : 'have'} to live with it`;

const machineOf = ({ python, platform }: Target): string => `Python ${minorOf(python)} on ${platform}`;

const askers = (wants: readonly Want[]): string =>
  wants.map(({ who, what, through }) => `${who}${through === undefined ? '' : ` (for ${through})`} wants ${what}`).join(', ');

const nothingThere = (name: string, wants: readonly Want[], target: Target): Failed =>
  new Failed({
    kind: 'absent',
    what: `${name} for ${machineOf(target)}`,
    hint: `${askers(wants)}: check the name, python.version, and python.index_url`,
  });

function nothingFits(name: string, want: Want, offers: readonly Offer[], target: Target): Failed {
  const shown = offers.slice(0, 8).map(({ version }) => version);
  const more = offers.length > shown.length ? ` and ${offers.length - shown.length} older` : '';
  return new Failed({
    kind: 'absent',
    what: `${want.what} for ${machineOf(target)}`,
    hint: `${askers([want])}; there is ${name} ${shown.join(', ')}${more}; another one can be named in python.overrides`,
  });
}

const unexplained = (said: readonly string[]): Failed =>
  new Failed({
    kind: 'command',
    command: 'The solver',
    exitCode: 1,
    output: said.slice(-20),
    hint: 'loosen one of the requirements it names, or settle it with python.overrides',
  });
