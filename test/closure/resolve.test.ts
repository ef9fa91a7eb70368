import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';

import { Failed } from '#engine';
import { startPackageIndex } from '../rig/package-index.ts';
import { pythonRoom } from '../rig/python.ts';
import { makeWheel, type WheelSpec } from '../rig/wheels.ts';
import { absenceOf, inWorld, openWorld, type Who, type World } from './world.ts';

const lib = (name: string, version: string, ...requires: readonly string[]): WheelSpec => ({ name, version, requires });

/** An app with two libraries, one of which has an extra; a rival that wants another version. */
function stock({ index }: World): void {
  index.wheel(
    lib(
      'app',
      '1.0',
      'lib_one>=1',
      'lib-two[fast]; python_version >= "3"',
      'not-needed; extra == "never"',
      'other; python_version < "3"',
    ),
  );
  index.wheel(lib('lib_one', '1.0'), { metadata: true });
  index.wheel(lib('lib_one', '2.0'));
  index.wheel(lib('lib_two', '1.0', 'lib_one<2', 'speed; extra == "fast"', 'lib-one; extra == "slow"'));
  index.wheel(lib('speed', '3.0'));
}

const solvers: readonly Who[] = ['uv', 'pip'];

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
  'pages in HTML do as well, without sizes',
  async (world) => {
    stock(world);
    world.index.wheel(lib('late', '1.0'), { requiresPython: '>=3.99' });
    world.index.wheel(lib('late', '0.9'), { requiresPython: '>=3.8' });
    world.index.wheel(lib('late', '0.95'), { yanked: true });
    const { packages } = await world.resolve({ a: 'app', b: 'late' });
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'app 1.0',
      'late 0.9',
      'lib-one 1.0',
      'lib-two 1.0',
      'speed 3.0',
    ]);
    expect(packages[0]).not.toHaveProperty('size');
  },
  { format: 'html' },
);

inWorld('a file that the index does not hash is fetched to be pinned', async (world) => {
  const { sha256, url } = world.index.wheel(lib('plain', '1.0'), { hashless: true });
  expect((await world.resolve({ a: 'plain' })).packages).toMatchObject([{ name: 'plain', sha256, url }]);
});

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

inWorld('an index that was added is asked first, and the first that knows a package is the only one', async (world) => {
  await using extra = await startPackageIndex();
  extra.wheel(lib('private', '1.0'));
  world.index.wheel(lib('private', '99.0'));
  world.index.wheel(lib('public', '1.0'));
  expect(await world.versions({ a: 'private', b: 'public' }, { extraIndexUrls: [extra.url] })).toEqual([
    'private 1.0',
    'public 1.0',
  ]);
  expect(world.index.asked()).not.toContain('private');
});

inWorld(
  'torch and what is made for it comes from the index of its build, and nothing else does',
  async (world) => {
    await using builds = await startPackageIndex({ base: '/whl/cu128' });
    for (const name of ['torch', 'torchvision', 'numpy', 'triton']) {
      world.index.wheel(lib(name, '9.9'));
      builds.wheel(
        name === 'torch'
          ? lib(name, '2.9.0+cu128', 'triton==3.5', 'numpy')
          : lib(name, name === 'triton' ? '3.5' : '0.24.0+cu128'),
      );
    }
    world.index.wheel(lib('numpy', '2.1'));
    world.index.wheel(lib('xformers', '0.1'));
    const environment = { PIPELINE_TORCH_INDEX: `${builds.server.origin}/whl/` };
    const { packages } = await world.resolve(
      { a: 'torch==2.9.0', b: 'torchvision', c: 'xformers' },
      { torch: 'cu128', environment },
    );
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'numpy 9.9',
      'torch 2.9.0+cu128',
      'torchvision 0.24.0+cu128',
      'triton 3.5',
      'xformers 0.1',
    ]);
    // What only a build has is looked for there first, what it lacks elsewhere; nothing else is asked of it.
    expect(builds.asked().toSorted()).toEqual(['torch', 'torchvision', 'triton', 'xformers']);
    expect(world.index.asked()).not.toContain('torch');
    expect(world.index.asked()).not.toContain('torchvision');
    expect(await world.versions({ a: 'torch' })).toEqual(['torch 9.9']);
    expect(await world.failure({ a: 'torchaudio' }, { torch: 'cu128', environment })).toMatchObject({
      kind: 'absent',
      what: expect.stringContaining('torchaudio') as string,
    });
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

inWorld('the password of an index opens it, and is in nothing that is said', async (world) => {
  const authorization = `Basic ${Buffer.from('me:hunter22').toString('base64')}`;
  const { bytes, filename, sha256 } = makeWheel(lib('speed', '3.0'));
  const { server } = world.index;
  server.serve(`/private/${filename}`, bytes, { authorization });
  server.serve('/private/simple/speed/', `<a href="../../${filename}#sha256=${sha256}">${filename}</a>`, {
    type: 'text/html',
    authorization,
  });
  const indexUrl = `${server.origin}/private/simple`.replace('http://', 'http://me:hunter22@');
  const closure = await world.resolve({ a: 'speed' }, { indexUrl });
  expect(closure.packages).toMatchObject([{ url: `${server.origin}/private/${filename}`, sha256 }]);
  const missing = await world.failure({ a: 'nothing' }, { indexUrl });
  expect(JSON.stringify([closure, missing, world.said])).not.toContain('hunter22');
});

inWorld('without a named index, what the user told pip and uv counts', async (world) => {
  stock(world);
  const { url } = world.index;
  const configured = (environment: Readonly<Record<string, string>>) =>
    world.versions({ a: 'speed' }, { indexUrl: undefined as never, environment });
  expect(await configured({ PIP_INDEX_URL: url })).toEqual(['speed 3.0']);
  expect(await configured({ UV_INDEX_URL: url })).toEqual(['speed 3.0']);
  expect(await configured({ PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_EXTRA_INDEX_URL: url })).toEqual([
    'speed 3.0',
  ]);
});

inWorld(
  'an index that breaks is told as that, not as a package that is not there',
  async (world) => {
    world.index.server.serve('/simple/broken/', '', { always: { fault: 'status', status: 503 } });
    expect(await world.failure({ a: 'broken' })).toMatchObject({ kind: 'network', status: 503, transient: true });
    world.index.server.serve('/simple/page/', '{"files": 1}', { type: 'application/vnd.pypi.simple.v1+json' });
    expect(await world.failure({ a: 'page' })).toMatchObject({
      kind: 'document',
      problem: 'It is not the page of a package index',
    });
  },
  { each: true },
);

inWorld(
  'METADATA is had beside a wheel, out of its end, or out of the whole, whatever the server can',
  async (world) => {
    world.index.wheel(lib('beside', '1.0', 'within'), { metadata: true });
    const within = { ...lib('within', '1.0', 'whole'), files: { 'x.bin': 'x'.repeat(300_000) } };
    world.index.wheel(within);
    const whole = makeWheel(lib('whole', '1.0'));
    world.index.wheel(lib('whole', '1.0'));
    world.index.server.serve(`/simple-files/${whole.filename}`, whole.bytes, { always: { fault: 'ignore-range' } });
    expect(await world.versions({ a: 'beside' })).toEqual(['beside 1.0', 'whole 1.0', 'within 1.0']);
    const asked = world.index.server.asked
      .filter(({ path }) => path.includes('-files/'))
      .map(({ path, headers }) => `${path.split('/').at(-1)} ${headers.range ?? 'whole'}`);
    expect(asked.filter((line) => line.startsWith('beside'))).toEqual(['beside-1.0-py3-none-any.whl.metadata whole']);
    expect(asked.filter((line) => line.startsWith('within'))).toEqual(['within-1.0-py3-none-any.whl bytes=-131072']);
    expect(asked.filter((line) => line.startsWith('whole'))).toEqual([
      'whole-1.0-py3-none-any.whl bytes=-131072',
      'whole-1.0-py3-none-any.whl whole',
    ]);
  },
);

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

inWorld('a torch that a node keeps old is pointed at, with the node and the line', async (world) => {
  for (const version of ['2.8.0', '2.9.0']) world.index.wheel(lib('torch', version));
  world.index.wheel(lib('xformers', '0.0.32', 'torch==2.8.0'));
  const notesOn = async (lines: Parameters<World['resolve']>[0], overrides: readonly string[] = []) =>
    (await world.resolve(lines, { overrides })).notes.map(({ level, text }) => `${level}: ${text}`);
  expect(await notesOn({ 'core/requirements.txt:1': 'torch', 'ComfyUI-Foo/requirements.txt:3': 'torch<2.9' })).toEqual([
    'warning: torch 2.8.0 is taken, not 2.9.0: ComfyUI-Foo/requirements.txt:3 wants torch<2.9',
  ]);
  expect(await notesOn({ 'core/requirements.txt:1': 'torch', 'ComfyUI-Foo/requirements.txt:3': 'xformers' })).toEqual([
    'warning: torch 2.8.0 is taken, not 2.9.0: xformers 0.0.32 wants torch==2.8.0, for ComfyUI-Foo/requirements.txt:3',
  ]);
  // What the version itself says is a decision.
  expect(await notesOn({ 'core/requirements.txt:1': 'torch', python_packages: 'torch==2.8.0' })).toEqual([]);
  expect(await notesOn({ 'core/requirements.txt:1': 'torch' })).toEqual([]);
  expect(
    await notesOn({ 'core/requirements.txt:1': 'torch', 'ComfyUI-Foo/requirements.txt:3': 'xformers' }, [
      'torch==2.9.0',
    ]),
  ).toEqual(['warning: xformers 0.0.32 is made for torch==2.8.0, and gets 2.9.0 by an override']);
});
