import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { copySmall, isSmall } from '../../tasks/tools/site/copy-small.ts';
import { openRig } from './rig.ts';

test.each([0, 1, 64 * 1024])('copySmall() copies %i bytes, and gives them their mode', (size) => {
  using rig = openRig();
  const [from, to] = [join(rig.root, 'from'), join(rig.root, 'to')];
  writeFileSync(from, 'x'.repeat(size), { mode: 0o600 });
  expect(isSmall(size)).toBe(true);
  copySmall(from, to, { size, mode: 0o755 });
  expect(readFileSync(to)).toEqual(readFileSync(from));
  expect(lstatSync(to).mode & 0o700).toBe(0o700);
});

test('copySmall() writes over nothing', () => {
  using rig = openRig();
  const [from, to] = [join(rig.root, 'from'), join(rig.root, 'to')];
  for (const path of [from, to]) writeFileSync(path, path);
  expect(() => copySmall(from, to, { size: from.length, mode: 0o644 })).toThrow(/EEXIST/);
  expect(readFileSync(to, 'utf8')).toBe(to);
});

test('copySmall() of what has become shorter says which file that is', () => {
  using rig = openRig();
  const [from, to] = [join(rig.root, 'from'), join(rig.root, 'to')];
  writeFileSync(from, 'short');
  expect(() => copySmall(from, to, { size: 6, mode: 0o644 })).toThrow(expect.objectContaining({ path: from }));
  expect(existsSync(to)).toBe(false);
});
