import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';

import { linesOfFile } from '../../tasks/tools/site/lines-of-file.ts';

/** A file with this text, removed after the test. */
function fileOf(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'lines-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'listing');
  writeFileSync(path, text);
  return path;
}

test('linesOfFile() gives every line of a file that is read in several pieces', () => {
  const line = fc.string({ minLength: 1, unit: fc.constantFrom('a', '\t', 'é', '\u{1F600}') });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.nat(100_000), (lines, bytes) => {
      const all = ['x'.repeat(Math.min(bytes, 60_000)), ...Array.from({ length: 200 }, () => lines).flat()].filter(
        Boolean,
      );
      expect([...linesOfFile(fileOf(`${all.join('\n')}\n`))]).toEqual(all);
    }),
    { numRuns: 20 },
  );
});

test('linesOfFile() gives a last line that is torn as it is', () => {
  expect([...linesOfFile(fileOf('one\ntwo\nthr'))]).toEqual(['one', 'two', 'thr']);
  expect([...linesOfFile(fileOf(''))]).toEqual([]);
});
