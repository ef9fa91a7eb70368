import fc from 'fast-check';
import { type Answer, blobOf, choose, hexOf, type Holding, openMarker, sha256Of, wordsOf } from '#cache';
import { expect, test } from 'vitest';

const answer = (key: string, input: unknown, output: unknown): Answer => ({
  key: sha256Of(key),
  task: 'make',
  input,
  output,
  at: '2026-11-21T00:00:00.000Z',
  ms: 1,
});
const blob = (name: string) => blobOf(sha256Of(name));

test('wordsOf() finds digests, commits and keys, wherever they stand', () => {
  const [long, short] = ['a1'.repeat(32), 'b2'.repeat(20)];
  expect(wordsOf(`{"x":"blob:${long}","ref":"${short}"} tree:${long}\n${long}0 ${short.slice(1)}`)).toEqual([
    long,
    short,
    long,
  ]);
});

test('what is needed leads on: from a question to its answer, and from there to the next question', () => {
  const answers = [
    answer('wheel', { sha256: hexOf(blob('wheel')) }, { file: blob('wheel') }),
    answer('installed', { wheel: { file: blob('wheel') } }, { installed: blob('installed') }),
    answer('other', { commit: 'c3'.repeat(20) }, { source: blob('other') }),
  ];
  const names = openMarker(answers).from([`"sha256": "${hexOf(blob('wheel'))}"`]);
  expect(names).toEqual(
    new Set([hexOf(blob('wheel')), sha256Of('wheel'), sha256Of('installed'), hexOf(blob('installed'))]),
  );
  expect(
    openMarker(answers)
      .from([`c3${'c3'.repeat(19)}`])
      .has(hexOf(blob('other'))),
  ).toBe(true);
  // A record of the last run names keys: that is as good.
  expect(
    openMarker(answers)
      .from([sha256Of('installed')])
      .has(hexOf(blob('installed'))),
  ).toBe(true);
  expect(openMarker(answers).from([])).toEqual(new Set());
});

const holdings = fc.array(
  fc.record({
    size: fc.nat(100),
    usedAt: fc.nat(100),
    isNeeded: fc.boolean(),
    isWaste: fc.boolean(),
  }),
);
const couldGo = (one: Holding): boolean => !one.isNeeded && one.usedAt < 100;
const limits = fc.record({ maxAge: fc.nat(100), maxSize: fc.nat(2000) }, { requiredKeys: [] });

test('choose() never takes what is needed, nor what was used just now', () => {
  fc.assert(
    fc.property(holdings, limits, fc.nat(100), (all, limit, before) => {
      for (const { isNeeded, usedAt } of choose(all, { now: 100, before, ...limit }).goes)
        expect([isNeeded, usedAt < before]).toEqual([false, true]);
    }),
  );
});

test('choose() takes no more than the limits ask for, the least recently used first, and nothing the second time', () => {
  fc.assert(
    fc.property(holdings, fc.nat(2000), (all, maxSize) => {
      const policy = { now: 100, before: 100, maxSize };
      const { goes, left } = choose(all, policy);
      const rest = all.filter((holding) => !goes.includes(holding));
      expect(left).toBe(rest.reduce((sum, { size }) => sum + size, 0));
      expect(choose(rest, policy).goes).toEqual([]);
      const chosen = goes.filter(({ isWaste }) => !isWaste).toSorted((a, b) => a.usedAt - b.usedAt);
      // Without the last that was taken, it would have been too much.
      if (chosen.length > 0) expect(left + chosen.at(-1)!.size).toBeGreaterThan(maxSize);
      if (left > maxSize) expect(rest.filter(couldGo)).toEqual([]);
    }),
  );
});

test('choose() without limits takes all that nobody needs; with an age, what is older; with both, what either takes', () => {
  const [old, young] = [
    { size: 10, usedAt: 10, isNeeded: false },
    { size: 10, usedAt: 90, isNeeded: false },
  ];
  const of = (limit: object) => choose([young, old], { now: 100, before: 95, ...limit }).goes;
  expect(of({})).toEqual([young, old]);
  expect(of({ maxAge: 50 })).toEqual([old]);
  expect(of({ maxSize: 10 })).toEqual([old]);
  expect(of({ maxSize: 20 })).toEqual([]);
  expect(of({ maxSize: 0, maxAge: 50 })).toEqual([young, old]);
});
