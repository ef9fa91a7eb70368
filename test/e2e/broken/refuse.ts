import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

import { openBench } from '../rig.ts';
import { listing } from '../tree.ts';
import type { Row } from './row.ts';

/** A test for each row: one failure in exactly these words, exit code 3, and not a byte written below project, cache, home and target. */
export function refuseAll(rows: readonly Row[]): void {
  test.each(rows)('$what', async ({ files, args = ['validate', 'x'], says }) => {
    using bench = openBench();
    for (const [path, content] of Object.entries(files)) {
      const file = join(bench.project, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
    }
    const before = listing(bench.directory);
    const { exitCode, stdout, stderr } = await bench.pipeline(args);
    expect(stderr).toBe(`error: ${says}\n`);
    expect(stdout).toBe('');
    expect(exitCode).toBe(3);
    expect(listing(bench.directory)).toEqual(before);
  });
}
