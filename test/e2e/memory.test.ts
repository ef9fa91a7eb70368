import { mkdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

import { writeWheel } from '../rig/wheels.ts';
import { type Bench, openBench } from './rig.ts';
import { lockOf, openWorld, smallEnvironment, type World } from './world.ts';

/** Runs a command and writes how much memory it, or any child of it, took at most: kibibytes. */
const measured = (file: string): readonly string[] => [
  'python3',
  '-c',
  `import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
open(${JSON.stringify(file)}, 'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)`,
];

/** What any realize may take, in MB. */
const most = 250;

const slow = { timeout: 116_000 };
const isElsewhere = process.platform !== 'linux';

it.skipIf(isElsewhere)(
  'a wheel of six thousand files, one of them large, is realized in little memory',
  slow,
  async () => {
    await using world = await openWorld();
    using bench = openBench();
    const small = Array.from({ length: 6_000 }, (_, n): [string, string] => [`many/d${n % 100}/f${n}.txt`, `${n}\n`]);
    const large = Buffer.alloc(60_000_000, 'some text that is repeated ');
    const files = { ...Object.fromEntries(small), 'many/large.bin': large };
    mkdirSync(bench.at('wheels'));
    const { filename, sha256, bytes } = writeWheel(bench.at('wheels'), { name: 'many', files });
    const url = world.files.serve(`/wheels/${filename}`, '');
    const many = { name: 'many', version: '1.0', filename, sha256, size: bytes.length, url, wanted_by: ['core'] };
    const megabytes = await peakWith(many, { world, bench, more: ['--wheels-dir', bench.at('wheels')] });
    expect(megabytes).toBeGreaterThan(50);
    expect(megabytes).toBeLessThan(most);
  },
);

it.skipIf(isElsewhere)(
  'a wheel of sixteen thousand files that comes over the network is realized in little memory',
  slow,
  async () => {
    await using world = await openWorld();
    using bench = openBench();
    const small = Array.from({ length: 16_000 }, (_, n) => [`many/d${n % 100}/f${n}.txt`, `${n}\n`] as const);
    const large = Buffer.alloc(40_000_000, 'some text that is repeated ');
    const many = world.wheel({ name: 'many', files: { ...Object.fromEntries(small), 'many/large.bin': large } });
    expect(await peakWith(many, { world, bench })).toBeLessThan(most);
  },
);

interface Where {
  readonly world: World;
  readonly bench: Bench;
  readonly more?: readonly string[];
}

/** What realizing a small environment with one more wheel takes at most, in MB. */
async function peakWith(wheel: Readonly<Record<string, unknown>>, { world, bench, more = [] }: Where): Promise<number> {
  const pins = await smallEnvironment(world);
  bench.lock('small', lockOf({ ...pins, wheels: [...pins.wheels, wheel] }));
  const { exitCode } = await bench.realize('small', more, { under: measured(bench.at('peak')) });
  expect(exitCode).toBe(0);
  return Number(readFileSync(bench.at('peak'), 'utf8')) / 1000;
}
