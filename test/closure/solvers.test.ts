import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';

import { Failed } from '#engine';
import { startPackageIndex } from '../rig/package-index.ts';
import { pythonRoom } from '../rig/python.ts';
import { absenceOf, lib, openWorld, stock, type Who } from './world.ts';

const solvers: readonly Who[] = ['uv', 'pip'];

test('uv and pip come to the same closure', async ({ skip }) => {
  const absences = await Promise.all(solvers.map(absenceOf));
  const absence = absences.find((one) => one !== undefined);
  if (absence !== undefined) return skip(absence);
  const lines = {
    'core/requirements.txt:1': 'app',
    'core/requirements.txt:2': 'late>=1.0rc1',
    'foo/requirements.txt:1': 'speed[x]~=3.0',
    python_packages: 'mixed',
  };
  const closures = [];
  for (const who of solvers) {
    await using world = await openWorld(who);
    stock(world);
    world.index.wheel(lib('late', '1.0rc1'));
    world.index.wheel(lib('mixed', '1.0', 'LIB.one', 'late; extra == "x"'));
    world.index.wheel({ ...lib('mixed', '1.0'), tag: 'py2.py3-none-any' });
    world.index.wheel(lib('mixed', '2.0a1'));
    const { packages } = await world.resolve(lines);
    closures.push(JSON.stringify(packages).replaceAll(world.index.server.origin, ''));
  }
  expect(closures[0]).toBe(closures[1]);
  expect(closures[0]).toContain('"mixed","version":"1.0"');
});

test('a uv that is named and not there is a failure; one that does not arrive as it was published is not used', async () => {
  await using index = await startPackageIndex();
  index.wheel(lib('app', '1.0'));
  const interpreter = {
    path: '/usr/bin/python3',
    version: '3.11.7',
    cacheTag: 'cpython-311',
    platform: 'linux-x86_64',
  };
  const failureIn = async (room: ReturnType<typeof pythonRoom>) => {
    mkdirSync(room.at('scratch'));
    const asked = {
      lines: [{ line: 'app', where: 'a' }],
      overrides: [],
      kept: [],
      interpreter,
      platform: 'linux-x86_64',
      indexUrl: index.url,
      scratch: room.at('scratch'),
    };
    const error: unknown = await room.python.resolve(asked).catch((thrown: unknown) => thrown);
    if (error instanceof Failed) return error.failure;
    throw error;
  };
  using named = pythonRoom({ path: ['empty'], environment: { UV: '/nowhere/uv' } });
  expect(await failureIn(named)).toMatchObject({ kind: 'absent', what: 'The program /nowhere/uv' });
  index.wheel({ ...lib('uv', '0.13.8'), tag: 'py3-none-musllinux_1_1_x86_64' });
  using strange = pythonRoom({ path: ['empty'], environment: { UV: '' } });
  expect(await failureIn(strange)).toMatchObject({ kind: 'integrity' });
});

test('nothing that resolves is a failure that says what to install', async () => {
  await using index = await startPackageIndex();
  using room = pythonRoom({ path: ['empty'], environment: { UV: '' } });
  const interpreter = {
    path: room.at('no-python'),
    version: '3.11.7',
    cacheTag: 'cpython-311',
    platform: 'linux-x86_64',
  };
  const asked = {
    lines: [{ line: 'app', where: 'a' }],
    overrides: [],
    kept: [],
    interpreter,
    platform: 'linux-x86_64',
    indexUrl: index.url,
    scratch: room.path,
  };
  const error: unknown = await room.python.resolve(asked).catch((thrown: unknown) => thrown);
  expect(error instanceof Failed && error.failure).toMatchObject({
    kind: 'absent',
    what: 'A pip (22.3 or newer) or uv',
  });
});
