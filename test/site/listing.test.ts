import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Item } from '../../tasks/tools/site/item.ts';
import { parseListing, renderListing } from '../../tasks/tools/site/listing.ts';
import { isNormal } from '../../tasks/tools/site/path.ts';

const name = fc.string({ minLength: 1, unit: fc.constantFrom('a', '.', '/', '\\', '\t', '\n', 'n', 't', 'é', ' ') });
const hex = fc.stringMatching(/^[0-9a-f]{64}$/);
const mode = fc.constantFrom(0o644, 0o755);
const item: fc.Arbitrary<Item> = fc.oneof(
  fc.tuple(mode, fc.nat(), hex).map(([bits, size, sha256]) => ({ type: 'file' as const, mode: bits, size, sha256 })),
  fc
    .tuple(
      mode,
      fc.nat(),
      hex,
      fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeNat(),
      fc.boolean(),
    )
    .map(([bits, size, sha256, mtimeMs, ino, runs]) => ({
      type: 'file' as const,
      mode: bits,
      size,
      sha256,
      fingerprint: { size, mtimeMs, ino, runs },
    })),
  name.map((to) => ({ type: 'link' as const, to })),
  fc.tuple(name, hex).map(([to, blob]) => ({ type: 'link' as const, to, blob })),
  fc.constant({ type: 'directory' as const }),
  fc
    .tuple(fc.stringMatching(/^[0-9a-f]{40}$/), hex, fc.array(fc.stringMatching(/^refs\/[a-z=,]+$/)))
    .map(([commit, digest, refs]) => ({ type: 'git' as const, commit, digest, refs })),
);

test('parseListing() reads what renderListing() wrote', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name.filter(isNormal), item)), (pairs) => {
      const listing = new Map(pairs);
      expect(parseListing(renderListing(listing))).toEqual(listing);
    }),
  );
});

test.each(['d\t../a', 'd\t/a', 'd\t', 'q\ta', 'f', 'd\ta/\\n/../b'])('parseListing() refuses %j', (line) => {
  expect(() => parseListing(`${line}\n`)).toThrow(SyntaxError);
});
