import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { writeWheel } from '../rig/wheels.ts';
import { openBench } from './rig.ts';
import { lockOf, openWorld, smallEnvironment } from './world.ts';

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

it.skipIf(process.platform !== 'linux')(
  'a wheel of six thousand files, one of them large, is realized in little memory',
  { timeout: 120_000 },
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
    const pins = await smallEnvironment(world);
    bench.lock('small', lockOf({ ...pins, wheels: [...pins.wheels, many] }));
    const under = measured(bench.at('peak'));
    const { exitCode } = await bench.realize('small', ['--wheels-dir', bench.at('wheels')], { under });
    expect(exitCode).toBe(0);
    const megabytes = Number(readFileSync(join(bench.directory, 'peak'), 'utf8')) / 1000;
    expect(megabytes).toBeGreaterThan(50);
    expect(megabytes).toBeLessThan(most);
  },
);
