import { execFileSync } from 'node:child_process';
import { chmodSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { pipFor } from '../../tasks/tools/python/pip.ts';
import { listing, pythonRoom } from '../rig/python.ts';
import { findUv, foundIn, install, type Installed, installedIn, untrueRecords } from './installed.ts';
import { writeQuirks } from './quirks.ts';

/** Where wheels come from: answers their paths, or why there are none. */
type Supply = (directory: string) => Promise<readonly string[] | string>;

const madeHere = async (directory: string): Promise<readonly string[]> => {
  using room = pythonRoom();
  mkdirSync(join(directory, 'made'));
  return writeQuirks(join(directory, 'made'), await room.interpreter());
};

/** The only look beyond the loopback interface, through pip as whoever runs the tests has set it up. */
const fromPyPI: Supply = async (directory) => {
  using room = pythonRoom();
  const { path } = await room.interpreter();
  const list = join(import.meta.dirname, 'real-wheels.txt');
  const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--retries=1', '--timeout=10'];
  try {
    const options = { stdio: 'pipe', timeout: 120_000 } as const;
    execFileSync(path, [...args, '--dest', directory, '--requirement', list], options);
  } catch {
    return 'PyPI does not give pip what is in real-wheels.txt';
  }
  return [...globSync(join(directory, '*.whl')).toSorted(), ...(await madeHere(directory))];
};

const supplies: readonly (readonly [string, Supply])[] = [
  ['wheels with every quirk', madeHere],
  ['those and many of PyPI', fromPyPI],
];
/** The wheels made here, as pip calls them. */
const made =
  /^(?:demo|camelcase|dotted|old|with-pth|native|quoted|other-hashes|no-sizes|names|strange|schemes|nothing)/i;
/** Three installations of many wheels, on a machine that may have other work. */
const patienceMs = 600_000;
const whose = ['pip', 'uv'] as const;
const noUv = 'there is no uv on this machine: name one in UV';

describe.for(supplies)('%s', ([, supply]) => {
  const directory = mkdtempSync(join(tmpdir(), 'wheels-'));
  let absence: string | undefined;
  let wheels: readonly string[];
  let all: Installed;
  beforeAll(async () => {
    using room = pythonRoom();
    await pipFor(await room.interpreter(), room).catch(
      () => (absence = 'there is no pip 22.3 or newer on this machine'),
    );
    const supplied = absence ?? (await supply(directory));
    if (typeof supplied === 'string') absence = supplied;
    else all = await install((wheels = supplied), uvAmong(supplied, directory));
  }, patienceMs);
  afterAll(() => {
    all?.[Symbol.dispose]();
    rmSync(directory, { recursive: true });
  });

  test.for(whose)('the same files as %s', (one, { skip }) => {
    const venv = absence === undefined ? all.theirs[one] : undefined;
    if (venv === undefined) return skip(absence ?? noUv);
    expect(installedIn(all.ours)).toEqual(installedIn(venv));
  });

  test.for(whose)('Python finds the same packages, commands and paths as after %s', async (one, { skip }) => {
    const venv = absence === undefined ? all.theirs[one] : undefined;
    if (venv === undefined) return skip(absence ?? noUv);
    const found = await foundIn(all.ours);
    expect(found).toEqual(await foundIn(venv));
    expect(Object.keys(found.distributions)).toHaveLength(wheels.length);
  });

  test('every RECORD is true', ({ skip }) => {
    if (absence !== undefined) return skip(absence);
    expect(untrueRecords(all.ours)).toEqual([]);
  });

  test.for([['list', '--format=freeze'], ['check'], ['show', '--files', 'demo-lib', 'schemes']])(
    'pip %s says the same as of its own environment',
    async (words, { skip }) => {
      if (absence !== undefined) return skip(absence);
      const said = async (venv: string): Promise<readonly string[]> =>
        (await all.pip(venv, ...words)).replaceAll(venv, '').split('\n').filter(isOfBoth).toSorted();
      expect(await said(all.ours)).toEqual(await said(all.theirs.pip));
    },
  );

  test('pip finds nothing amiss where everything fits together', async ({ skip }) => {
    if (absence !== undefined) return skip(absence);
    const amiss = (await all.pip(all.ours, 'check')).split('\n').filter((line) => made.test(line));
    expect(amiss).toEqual([]);
  });

  test('pip uninstalls one package, and then all of them: nothing is left', async ({ skip }) => {
    if (absence !== undefined) return skip(absence);
    const before = listing(all.ours);
    expect(await all.pip(all.ours, 'uninstall', '--yes', 'demo-lib')).toContain('Successfully uninstalled demo');
    const after = listing(all.ours);
    const gone = Object.keys(before).filter((path) => !(path in after));
    expect(gone).toContain('bin/demo');
    expect(gone.filter((path) => !path.includes('demo'))).toEqual([]);
    const names = wheels.map((path) => basename(path).split('-')[0]!);
    await all.pip(all.ours, 'uninstall', '--yes', ...names);
    expect(Object.keys(installedIn(all.ours))).toEqual([]);
  });

  test('what pip took away, the next realize brings back', async ({ skip }) => {
    if (absence !== undefined) return skip(absence);
    const { summary, built } = await all.realize();
    expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
    expect(built).toEqual(['activate', 'install-wheels']);
    expect(installedIn(all.ours)).toEqual(installedIn(all.theirs.pip));
  });
});

/** Bytecode, who installed, and a script that pip lists without placing it: there, the two differ. */
const isOfBoth = (line: string): boolean =>
  !/^Installer:|\.pyc$|INSTALLER|REQUESTED|direct_url|\.data\/scripts/.test(line);

/** uv as it is on this machine, or as one of the wheels brings it. */
function uvAmong(wheels: readonly string[], directory: string): string | undefined {
  const wheel = wheels.find((path) => /\/uv-[^/]*\.whl$/.test(path));
  if (wheel === undefined) return findUv();
  execFileSync('python3', ['-m', 'zipfile', '-e', wheel, join(directory, 'uv')]);
  for (const program of globSync(join(directory, 'uv/*.data/scripts/*'))) chmodSync(program, 0o755);
  return findUv(join(directory, 'uv'));
}
