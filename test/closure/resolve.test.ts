import { expect } from 'vitest';

import { pythonRoom } from '../rig/python.ts';
import { makeWheel, type WheelSpec } from '../rig/wheels.ts';
import { inWorld, lib, stock } from './world.ts';

inWorld(
  'the closure has every wheel with its place, its hash, and who wants it',
  async (world) => {
    stock(world);
    const { packages, notes } = await world.resolve({
      'core/requirements.txt:1': 'App>=1',
      'foo/requirements.txt:3': 'lib_one',
    });
    const found = (spec: WheelSpec, ...wanted_by: readonly string[]) => {
      const { filename, sha256, bytes } = makeWheel(spec);
      const url = `${world.index.server.origin}/simple-files/${filename}`;
      return {
        name: spec.name.replaceAll('_', '-'),
        version: spec.version,
        url,
        filename,
        sha256,
        size: bytes.length,
        wanted_by,
      };
    };
    expect(packages).toEqual([
      found(
        lib(
          'app',
          '1.0',
          'lib_one>=1',
          'lib-two[fast]; python_version >= "3"',
          'not-needed; extra == "never"',
          'other; python_version < "3"',
        ),
        'core/requirements.txt:1',
      ),
      found(lib('lib_one', '1.0'), 'app', 'foo/requirements.txt:3', 'lib-two'),
      found(lib('lib_two', '1.0', 'lib_one<2', 'speed; extra == "fast"', 'lib-one; extra == "slow"'), 'app'),
      found(lib('speed', '3.0'), 'lib-two'),
    ]);
    expect(notes).toEqual([]);
    expect(world.index.asked()).not.toContain('not-needed');
  },
  { each: true },
);

inWorld(
  'another platform is resolved as if it were this one',
  async (world) => {
    const on = (platform: string) => `cp${major}${minor}-cp${major}${minor}-${platform}`;
    const [major, minor] = (await pythonVersion()).split('.');
    world.index.wheel({
      ...lib(
        'app',
        '1.0',
        'triton; sys_platform == "linux"',
        'appnope; platform_system == "Darwin"',
        'arm; platform_machine == "arm64"',
      ),
    });
    for (const name of ['triton', 'appnope', 'arm']) world.index.wheel(lib(name, '1.0'));
    for (const tag of ['manylinux_2_28_x86_64', 'manylinux_2_28_aarch64', 'macosx_11_0_arm64'])
      world.index.wheel({ ...lib('speed', '1.0'), tag: on(tag) });
    world.index.wheel({ ...lib('speed', '2.0'), tag: on('manylinux_2_28_x86_64') });
    const filesOn = async (platform: string) =>
      (await world.resolve({ a: 'app', b: 'speed' }, { platform })).packages.map((one) =>
        'filename' in one ? one.filename : one.name,
      );
    expect(await filesOn('linux-x86_64')).toEqual([
      'app-1.0-py3-none-any.whl',
      `speed-2.0-${on('manylinux_2_28_x86_64')}.whl`,
      'triton-1.0-py3-none-any.whl',
    ]);
    expect(await filesOn('linux-aarch64')).toEqual([
      'app-1.0-py3-none-any.whl',
      `speed-1.0-${on('manylinux_2_28_aarch64')}.whl`,
      'triton-1.0-py3-none-any.whl',
    ]);
    expect(await filesOn('macosx-arm64')).toEqual([
      'app-1.0-py3-none-any.whl',
      'appnope-1.0-py3-none-any.whl',
      'arm-1.0-py3-none-any.whl',
      `speed-1.0-${on('macosx_11_0_arm64')}.whl`,
    ]);
  },
  { each: true },
);

inWorld(
  'an override wins over lines and over what packages ask for, and is nobody’s wish by itself',
  async (world) => {
    stock(world);
    world.index.wheel(lib('rival', '1.0', 'lib-one>=2'));
    const lines = {
      'core/requirements.txt:1': 'app',
      'foo/requirements.txt:1': 'rival',
      'bar/requirements.txt:1': 'speed>99',
    };
    const { packages } = await world.resolve(lines, { overrides: ['lib-one==2.0', 'speed', 'unheard-of==1'] });
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'app 1.0',
      'lib-one 2.0',
      'lib-two 1.0',
      'rival 1.0',
      'speed 3.0',
    ]);
    expect(packages[1]?.wanted_by).toEqual(['app', 'lib-two', 'rival']);
    expect(await world.versions({ a: 'app' }, { overrides: ['lib-one==2.0 ; sys_platform == "win32"'] })).toContain(
      'lib-one 1.0',
    );
  },
  { each: true },
);

inWorld(
  'what is kept stays, what is named moves, and what cannot stay is explained',
  async (world) => {
    stock(world);
    world.index.wheel(lib('free', '1.0'));
    world.index.wheel(lib('free', '2.0'));
    const kept = [
      { name: 'free', version: '1.0' },
      { name: 'lib-one', version: '1.0' },
      { name: 'gone', version: '1.0' },
    ];
    expect(await world.versions({ a: 'free', b: 'lib-one' }, { kept })).toEqual(['free 1.0', 'lib-one 1.0']);
    expect(await world.versions({ a: 'free', b: 'lib-one' }, { kept: kept.slice(1) })).toEqual([
      'free 2.0',
      'lib-one 1.0',
    ]);
    const { packages, notes } = await world.resolve({ a: 'free', 'foo/requirements.txt:2': 'lib-one>=2' }, { kept });
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(['free 1.0', 'lib-one 2.0']);
    expect(notes).toEqual([
      { level: 'warning', text: 'lib-one moves from 1.0 to 2.0: foo/requirements.txt:2 wants lib-one>=2' },
    ]);
  },
  { each: true },
);

inWorld('hashes of a line hold', async (world) => {
  const { sha256 } = world.index.wheel(lib('speed', '3.0'));
  const wrong = 'f'.repeat(64);
  expect(await world.versions({ a: `speed --hash=sha256:${wrong} --hash=sha256:${sha256}` })).toEqual(['speed 3.0']);
  expect(await world.failure({ a: `speed --hash=sha256:${wrong}` })).toMatchObject({
    kind: 'integrity',
    what: 'speed',
    actual: sha256,
  });
});

inWorld(
  'a package that asks for another from a place of its own is refused, unless somebody overrides that',
  async (world) => {
    world.index.wheel(lib('app', '1.0', 'clip @ git+https://user:secret@git.example/clip?x'));
    world.index.wheel(lib('clip', '1.0'));
    const failure = await world.failure({ a: 'app' });
    expect(failure).toMatchObject({
      kind: 'refused',
      what: 'clip @ git+https://git.example/clip',
      because: 'app 1.0 (for a) wants it from there, and nobody else does',
    });
    expect(await world.versions({ a: 'app' }, { overrides: ['clip==1.0'] })).toEqual(['app 1.0', 'clip 1.0']);
  },
);

async function pythonVersion(): Promise<string> {
  using room = pythonRoom();
  return (await room.interpreter()).version;
}
