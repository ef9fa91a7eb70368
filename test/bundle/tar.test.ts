import { execFileSync } from 'node:child_process';
import { mkdtempDisposableSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { assert, maxSafeNat, nat, property, stringMatching } from 'fast-check';
import { expect, test } from 'vitest';

import { endBytes, headerOf, paddingOf, readHeader } from '../../tasks/tools/bundle/tar.ts';

const name = stringMatching(/^[a-z][a-z0-9/._-]{0,98}$/);
const size = maxSafeNat();

test('readHeader() reads what headerOf() writes', () => {
  assert(
    property(name, size, (n, s) => {
      expect(readHeader(headerOf(n, s))).toEqual({ name: n, size: s });
    }),
  );
});

test('readHeader() takes no header in which one bit is another', () => {
  assert(
    property(name, size, nat(511), nat(7), (n, s, byte, bit) => {
      const header = headerOf(n, s);
      header[byte]! ^= 1 << bit;
      expect(readHeader(header)).toBeUndefined();
    }),
  );
});

test.each([0, 1, 511, 512, 513, 8 ** 11 - 1, 8 ** 11, 50 * 1024 ** 3])(
  'every tar reads a member of %i bytes',
  (bytes) => {
    using directory = mkdtempDisposableSync(join(tmpdir(), 'tar-'));
    const file = join(directory.path, 'a.tar');
    writeFileSync(file, headerOf('files/model', bytes));
    // A hole: nobody has 50 GiB for this.
    truncateSync(file, 512 + bytes + paddingOf(bytes) + endBytes);
    const listed = execFileSync('tar', ['--utc', '-tvf', file], { encoding: 'utf8' });
    expect(listed.trim().split(/\s+/)).toEqual([
      '-rw-r--r--',
      '0/0',
      String(bytes),
      '1970-01-01',
      '00:00',
      'files/model',
    ]);
  },
);
