import { redactUrl } from '../redact.ts';
import type { Card } from './card.ts';
import type { Root } from './root.ts';
import { admits } from './specifier.ts';
import { compareVersions, parseVersion } from './version.ts';
import { namesIn, type Wish, wishText } from './wish.ts';

/** One who wants something of a package. */
export interface Want {
  readonly who: string;
  readonly what: string;
  readonly specifier: string;
  /** Whose line it comes from, when `who` is a package. */
  readonly through?: string;
  /** The place that it is wanted from, when that is no index. */
  readonly url?: string;
}

/** What lines and packages were seen to ask for. */
export interface Wishes {
  readonly roots: readonly Root[];
  /** Nobody has a say in these but who overrides them. */
  readonly overridden: ReadonlySet<string>;
  /** What was read of packages, in any version. */
  readonly cards: readonly Card[];
}

/** The packages that a solver mentions, those it mentions first at the front. */
export function mentionedIn(said: readonly string[], { roots, cards }: Wishes): readonly string[] {
  const known = new Set([
    ...roots.map(({ wish }) => wish.name),
    ...cards.flatMap(({ name, needs }) => [name, ...needs.map(({ wish }) => wish.name)]),
  ]);
  return [...namesIn(said.join('\n'))].filter((name) => known.has(name));
}

/** Who wants what of a package: lines, and of each package that they bring in the version that is closest to be chosen. */
export function wantsOf(name: string, { roots, cards, overridden }: Wishes): readonly Want[] {
  const direct = roots.filter(({ wish }) => wish.name === name).map(({ wish, where }) => saidBy(where, wish));
  if (overridden.has(name)) return direct;
  const likely = likelyCards(cards, roots);
  const through = throughWhom(roots, likely);
  const indirect = [...likely.values()].flatMap((card) => {
    const by = through.get(card.name);
    const wishes = by === undefined ? [] : card.needs.filter(({ wish }) => wish.name === name);
    return wishes.map(({ wish }) => ({ ...saidBy(`${card.name} ${card.version}`, wish), through: by! }));
  });
  // Packages were read in the order in which servers answered.
  return [...direct, ...indirect.toSorted((a, b) => (a.who < b.who ? -1 : 1))];
}

const saidBy = (who: string, wish: Wish): Want => ({
  who,
  what: redactUrl(wishText(wish)),
  specifier: wish.specifier,
  ...(wish.url === undefined ? {} : { url: redactUrl(wish.url) }),
});

type ByName = ReadonlyMap<string, Card>;

/** After this many rounds, what is likely no longer changes, or never settles. */
const rounds = 5;

/** Of each package the newest version that was read and that everybody likely admits, if there is one. */
function likelyCards(cards: readonly Card[], roots: readonly Root[]): ByName {
  const wishes = [...roots.map(({ wish }) => wish), ...cards.flatMap(({ needs }) => needs.map(({ wish }) => wish))];
  const extras = new Set(wishes.flatMap(({ name, extras: wanted }) => wanted.map((extra) => `${name}[${extra}]`)));
  const active = cards.map(({ needs, ...card }) => ({
    ...card,
    needs: needs.filter(({ onlyFor }) => onlyFor === undefined || extras.has(`${card.name}[${onlyFor}]`)),
  }));
  let likely: ByName = new Map();
  for (let round = 0; round < rounds; round++) {
    const needed = [...likely.values()].flatMap(({ needs }) => needs.map(({ wish }) => wish));
    likely = newestOf(
      active,
      Map.groupBy([...roots.map(({ wish }) => wish), ...needed], ({ name }) => name),
      likely,
    );
  }
  return likely;
}

function newestOf(cards: readonly Card[], wishes: ReadonlyMap<string, readonly Wish[]>, before: ByName): ByName {
  const newest = new Map<string, Card>();
  for (const card of cards) {
    if (!(wishes.get(card.name) ?? []).every(({ specifier }) => admits(specifier, card.version))) continue;
    const other = newest.get(card.name);
    if (other === undefined || isNewer(card.version, other.version)) newest.set(card.name, card);
  }
  // What nobody can have any more still says why.
  return new Map([...before, ...newest]);
}

const isNewer = (a: string, b: string): boolean => compareVersions(parseVersion(a)!, parseVersion(b)!) > 0;

/** Package -> the line by which it comes in. */
function throughWhom(roots: readonly Root[], cards: ByName): ReadonlyMap<string, string> {
  const through = new Map<string, string>();
  for (const { wish, where } of roots) if (!through.has(wish.name)) through.set(wish.name, where);
  // What is added on the way is gone through as well.
  for (const [name, where] of through)
    for (const { wish } of cards.get(name)?.needs ?? []) if (!through.has(wish.name)) through.set(wish.name, where);
  return through;
}
