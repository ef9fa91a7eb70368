import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { small } from './small.ts';

const on = small();

/** Inode and times of every file of a target, by path: what any write or move of it would change. */
function looks(target: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(target, { recursive: true, encoding: 'utf8' })) {
    const stat = lstatSync(join(target, name), { bigint: true });
    if (stat.isFile()) found[name] = `${stat.ino} ${stat.mtimeNs} ${stat.ctimeNs}`;
  }
  return found;
}

it('another release of one wheel touches no file of any other, nor of anything else', async () => {
  const { bench } = on;
  await on.realize();
  const before = looks(bench.target);
  const tint = on.world.wheel({ name: 'tint', version: '2.0', files: { 'tint/__init__.py': 'TINT = 2\n' } });
  on.relock({ wheels: [tint, on.pins.wheels[1]!] });
  await on.realize();
  const after = looks(bench.target);
  const touched = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (path) => before[path] !== after[path] && !path.startsWith('.pipeline/'),
  );
  expect(touched.filter((path) => !/(?:^|\/)tint(?:$|\/|-[12]\.0\.dist-info\/)/.test(path))).toEqual([]);
  expect(touched.filter((path) => /^\.venv\/lib\/.*\/tint\/__init__\.py$/.test(path))).toHaveLength(1);
});
