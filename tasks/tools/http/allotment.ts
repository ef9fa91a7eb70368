import { gapsIn, type Span, withSpan } from '#cache';

/** What one connection is to fetch: from `at`, which moves, up to `end`, which may come nearer. */
export interface Lot {
  at: number;
  end: number;
}

/** Who fetches what of one file. Lots follow each other, so that what is there is mostly there from the beginning on. */
export interface Allotment {
  /** From now on the file has `total` bytes (`Infinity` when nobody knows), and no lot is larger than `piece`. */
  settle(total: number, piece: number): void;
  /** The first bytes that nobody has; when there are none, half of what the busiest still has to do. */
  take(): Lot | undefined;
  /** The last bytes that nobody has. */
  takeLast(): Lot | undefined;
  /** Up to where a lot could go on without meeting anybody. */
  reach(lot: Lot): number;
  /** Lets a lot go on beyond its end, at most to `most`, when nobody is there. */
  extend(lot: Lot, most: number): boolean;
  /** Somebody has stopped working on a lot: what is missing of it is anybody's. */
  release(lot: Lot): void;
}

/** A rest is shared by two when each half is worth a request, in bytes. */
const leastHalf = 2 * 1024 * 1024;

/** The allotment of a file of which `spans()` are there. */
export function openAllotment({ spans }: { readonly spans: () => readonly Span[] }): Allotment {
  const lots = new Set<Lot>();
  let total = Infinity;
  let piece = Infinity;
  const free = (): readonly Span[] => {
    const taken = [...lots].map(({ at, end }) => ({ from: at, to: end }));
    return gapsIn(taken.reduce<readonly Span[]>(withSpan, spans()), total);
  };
  const after = ({ end }: Lot): Span | undefined => free().find(({ from }) => from === end);
  const added = (at: number, end: number): Lot => {
    const lot = { at, end };
    lots.add(lot);
    return lot;
  };
  return {
    settle(newTotal, newPiece) {
      total = newTotal;
      piece = newPiece;
      for (const lot of lots) lot.end = Math.min(lot.end, total, lot.at + piece);
    },
    take() {
      const [gap] = free();
      if (gap !== undefined) return added(gap.from, Math.min(gap.to, gap.from + piece));
      const [busiest] = [...lots].toSorted((a, b) => b.end - b.at - (a.end - a.at));
      if (busiest === undefined || busiest.end - busiest.at < 2 * leastHalf || piece === Infinity) return undefined;
      const { end } = busiest;
      busiest.end = Math.ceil((busiest.at + end) / 2);
      return added(busiest.end, end);
    },
    takeLast() {
      const gap = free().at(-1);
      return gap === undefined ? undefined : added(Math.max(gap.from, gap.to - piece), gap.to);
    },
    reach: (lot) => after(lot)?.to ?? lot.end,
    extend(lot, most) {
      const gap = after(lot);
      if (gap === undefined || lot.end >= most) return false;
      lot.end = Math.min(gap.to, most, lot.end + piece);
      return true;
    },
    release: (lot) => void lots.delete(lot),
  };
}
