/** Something that a cache holds. `size` is what it takes on disk, in bytes; `usedAt` in milliseconds by the volume's clock. */
export interface Holding {
  readonly size: number;
  readonly usedAt: number;
  /** Whether something that is registered leads to it: then it stays, whatever the limits are. */
  readonly isNeeded: boolean;
  /** It is of no use to anybody, and goes whatever the limits are. */
  readonly isWaste?: boolean;
}

/** How much of what nobody needs may stay. Times in milliseconds, sizes in bytes. Without limits nothing of it stays. */
export interface Policy {
  /** The volume's clock when the collection began. */
  readonly now: number;
  /** What was used at this time or after it stays: somebody may be at work with it. */
  readonly before: number;
  /** What was used within this time stays. */
  readonly maxAge?: number;
  /** As much as fits into this stays, the latest used first. */
  readonly maxSize?: number;
}

/** What goes, and what is left: `left` is more than `maxSize` when too much of it is needed, or was used just now. */
export interface Choice<H extends Holding> {
  readonly goes: readonly H[];
  readonly left: number;
}

/** Chooses what goes: what is too old; then the least recently used, until the rest is small enough. No I/O. */
export function choose<H extends Holding>(holdings: readonly H[], { now, before, maxAge, maxSize }: Policy): Choice<H> {
  const mayGo = holdings.filter(({ isNeeded, usedAt }) => !isNeeded && usedAt < before);
  const isOld = ({ isWaste = false, usedAt }: Holding): boolean =>
    isWaste || (maxAge === undefined ? maxSize === undefined : usedAt < now - maxAge);
  const goes = new Set(mayGo.filter(isOld));
  let left = holdings.reduce((sum, holding) => sum + (goes.has(holding) ? 0 : holding.size), 0);
  for (const holding of mayGo.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (maxSize === undefined || left <= maxSize) break;
    if (goes.has(holding)) continue;
    goes.add(holding);
    left -= holding.size;
  }
  return { goes: holdings.filter((holding) => goes.has(holding)), left };
}
