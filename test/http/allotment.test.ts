import fc from 'fast-check';
import { frontOf, gapsIn, lengthOf, type Span, withSpan } from '#cache';
import { expect, test } from 'vitest';

import { type Lot, openAllotment } from '../../tasks/tools/http/allotment.ts';

const span = fc.tuple(fc.nat(60), fc.nat(12)).map(([from, length]): Span => ({ from, to: from + length }));
const bytesOf = (spans: readonly Span[]): readonly number[] =>
  spans.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, n) => from + n));

test('spans are what a set of bytes is, and gaps are the rest', () => {
  fc.assert(
    fc.property(fc.array(span), fc.integer({ min: 0, max: 80 }), (added, total) => {
      const spans = added.reduce<readonly Span[]>(withSpan, []);
      const set = new Set(bytesOf(added));
      expect(bytesOf(spans)).toEqual([...set].toSorted((a, b) => a - b));
      expect(lengthOf(spans)).toBe(set.size);
      expect(bytesOf(gapsIn(spans, total))).toEqual(
        Array.from({ length: total }, (_, n) => n).filter((n) => !set.has(n)),
      );
      expect(set.has(frontOf(spans))).toBe(false);
    }),
  );
});

/** What may happen to the lots of a file, each to one of those that are worked on. */
const deed = fc.record({
  what: fc.constantFrom('take', 'takeLast', 'write', 'extend', 'release'),
  of: fc.nat(),
  bytes: fc.nat(40),
});
const mib = 1024 ** 2;

test('whatever happens to lots, no byte is in two of them, and all of them are fetched in the end', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 60 }), fc.integer({ min: 1, max: 90 }), (deeds, total) => {
      let there: readonly Span[] = [];
      const allotment = openAllotment({ spans: () => there });
      allotment.settle(total * mib, 16 * mib);
      const lots: Lot[] = [];
      const write = (lot: Lot, bytes: number): void => {
        const to = Math.min(lot.at + bytes * mib, lot.end);
        expect(to > lot.at && there.some((known) => known.from < to && known.to > lot.at)).toBe(false);
        there = withSpan(there, { from: lot.at, to });
        lot.at = to;
      };
      for (const { what, of, bytes } of deeds) {
        const lot = lots[of % (lots.length || 1)];
        if (what === 'take' || what === 'takeLast')
          lots.push(...[allotment[what]()].filter((taken) => taken !== undefined));
        else if (lot === undefined) continue;
        else if (what === 'write') write(lot, bytes);
        else if (what === 'extend') allotment.extend(lot, total * mib);
        else allotment.release(lots.splice(lots.indexOf(lot), 1)[0]!);
        const taken = lots.map(({ at, end }) => ({ from: at, to: end }));
        const sum = lengthOf(taken.reduce<readonly Span[]>(withSpan, []));
        expect(taken.reduce((all, { from, to }) => all + to - from, 0)).toBe(sum);
        expect(taken.every(({ to }) => to <= total * mib)).toBe(true);
      }
      for (const lot of lots.splice(0)) allotment.release(lot);
      for (let lot = allotment.take(); lot !== undefined; lot = allotment.take()) {
        write(lot, total);
        allotment.release(lot);
      }
      expect(gapsIn(there, total * mib)).toEqual([]);
    }),
  );
});
