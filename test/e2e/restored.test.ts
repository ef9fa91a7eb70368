import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { unplugged } from '../rig/unplugged.ts';
import { runIn } from './environment.ts';
import { small } from './small.ts';

const on = small();

/** What CI keeps of a cache between two machines: the store and the answers. */
const kept = ['store', 'results'];

/** Puts a cache away as CI does, and brings it back: other inodes, other change times, and perhaps other times altogether. */
function restore(flags: readonly string[]): void {
  const { bench } = on;
  execFileSync('tar', ['-C', bench.cache, '-cf', bench.at('kept.tar'), ...kept]);
  rmSync(bench.cache, { recursive: true });
  mkdirSync(bench.cache);
  execFileSync('tar', ['-C', bench.cache, '-xf', bench.at('kept.tar'), ...flags]);
}

it.skipIf(unplugged === undefined).each<[string, readonly string[]]>([
  ['with its times', []],
  ['with new times', ['--touch']],
])('a cache restored on another machine, %s, is enough: no network, nothing built but the target', async (_, flags) => {
  const { bench } = on;
  restore(flags);
  const { exitCode, built, summary, notes } = await bench.realize('small', ['--offline'], { under: unplugged! });
  expect(exitCode).toBe(0);
  expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(built.filter((name) => /^(?:fetch|unpack|build-wheel)/.test(name))).toEqual([]);
  expect(notes.filter((text) => text.includes('damaged'))).toEqual([]);
  expect(await runIn(bench.target, '.venv/bin/tint')).toBe('tinted\n');
});

it('nothing in a restored cache is trusted because it is there', async () => {
  const { bench } = on;
  const [wheel] = on.pins.wheels;
  restore([]);
  const [file = ''] = execFileSync('find', [join(bench.cache, 'store/trees'), '-path', '*/tint/__init__.py'])
    .toString()
    .split('\n');
  expect(existsSync(file)).toBe(true);
  writeFileSync(file, 'TINT = 0\n');
  const { built, notes } = await bench.realize('small');
  expect(built).toContain(`unpack-wheel ${String(wheel!['filename'])}`);
  expect(notes.filter((text) => text.includes('was damaged'))).toHaveLength(1);
  expect(await runIn(bench.target, '.venv/bin/tint')).toBe('tinted\n');
});
