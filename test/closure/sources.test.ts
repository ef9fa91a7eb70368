import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

import type { ResolvedPackage } from '#engine';
import { buildable, tinyBuilder } from '../rig/builder.ts';
import { makeSource } from '../rig/package-index.ts';
import { pythonRoom } from '../rig/python.ts';
import { makeWheel, writeWheel } from '../rig/wheels.ts';
import { inWorld, type World } from './world.ts';

const named = (packages: readonly ResolvedPackage[], name: string): ResolvedPackage =>
  packages.find((one) => one.name === name)!;

/** A world whose index has the builder. */
const withBuilder = (name: string, run: (world: World) => Promise<void>, how?: { readonly each: boolean }): void =>
  inWorld(
    name,
    async (world) => {
      world.index.wheel(tinyBuilder);
      await run(world);
    },
    how,
  );

withBuilder('what has no wheel is pinned by its source, with all that building it takes', async (world) => {
  const source = world.index.source(buildable({ name: 'crafted', requires: ['lib>=1'], more: ['extra-tool'] }));
  const lib = world.index.wheel({ name: 'lib', version: '1.0' });
  const tool = world.index.wheel({ name: 'extra_tool', version: '3.0', requires: ['tool_base'] });
  world.index.wheel({ name: 'tool_base' });
  const { packages, notes } = await world.resolve({ 'core/requirements.txt:1': 'crafted' });
  expect(packages.map(({ name, wanted_by }) => [name, wanted_by])).toEqual([
    ['crafted', ['core/requirements.txt:1']],
    ['lib', ['crafted']],
  ]);
  const crafted = named(packages, 'crafted');
  const { filename: _, ...pinned } = source;
  expect(crafted).toMatchObject({ kind: 'archive', version: '1.0', source: pinned });
  expect('build' in crafted && crafted.build.map(({ name, version, sha256 }) => [name, version, sha256])).toEqual([
    ['extra-tool', '3.0', tool.sha256],
    ['tiny-builder', '1.0', makeWheel(tinyBuilder).sha256],
    ['tool-base', '1.0', makeWheel({ name: 'tool_base' }).sha256],
  ]);
  expect(named(packages, 'lib')).toMatchObject({ sha256: lib.sha256 });
  expect(notes).toEqual([
    {
      level: 'info',
      text: expect.stringMatching(
        /^crafted 1\.0 is built from its source, which runs its code: there is no wheel of it for Python 3\.\d+ on linux-x86_64$/,
      ) as string,
    },
  ]);
  expect(world.said).not.toContain('tiny_builder builds crafted');
});

withBuilder(
  'what a source promises is believed without building it, and a version that has a wheel is preferred',
  async (world) => {
    world.index.source(buildable({ name: 'crafted', promises: true, requires: ['lib'] }));
    world.index.wheel({ name: 'lib', version: '1.0' });
    world.index.source(buildable({ name: 'lib', version: '2.0' }));
    expect(await world.versions({ a: 'crafted' })).toEqual(['crafted 1.0', 'lib 1.0']);
    expect(await world.versions({ a: 'crafted', b: 'lib>=2' })).toEqual(['crafted 1.0', 'lib 2.0']);
  },
);

withBuilder(
  'a version that only a package asks for, and that has no wheel, is built',
  async (world) => {
    world.index.wheel({ name: 'app', requires: ['lib==2.0'] });
    world.index.wheel({ name: 'lib', version: '1.0' });
    world.index.source(buildable({ name: 'lib', version: '2.0' }));
    const { packages } = await world.resolve({ a: 'app' });
    expect(named(packages, 'lib')).toMatchObject({ kind: 'archive', version: '2.0' });
    // What was built before stays, though there is a wheel of another version.
    expect(await world.versions({ a: 'lib' }, { kept: [{ name: 'lib', version: '2.0' }] })).toEqual(['lib 2.0']);
    expect(await world.versions({ a: 'lib' })).toEqual(['lib 1.0']);
  },
  { each: true },
);

withBuilder(
  'what is compiled is built against what is installed beside it, with the tools it was built with',
  async (world) => {
    world.index.source(buildable({ name: 'crafted', more: ['numpy'] }));
    for (const version of ['1.26', '2.1']) world.index.wheel({ name: 'numpy', version });
    world.index.wheel({ ...tinyBuilder, version: '2.0' });
    const toolsOf = async (
      lines: Readonly<Record<string, string>>,
      build: readonly { name: string; version: string }[] = [],
    ) => {
      const { packages } = await world.resolve(lines, { kept: [{ name: 'crafted', version: '1.0', build }] });
      const crafted = named(packages, 'crafted');
      return 'build' in crafted ? crafted.build.map(({ name, version }) => `${name} ${version}`) : [];
    };
    expect(await toolsOf({ a: 'crafted' })).toEqual(['numpy 2.1', 'tiny-builder 2.0']);
    expect(await toolsOf({ a: 'crafted', b: 'numpy<2' })).toEqual(['numpy 1.26', 'tiny-builder 2.0']);
    expect(await toolsOf({ a: 'crafted' }, [{ name: 'tiny-builder', version: '1.0' }])).toEqual([
      'numpy 2.1',
      'tiny-builder 1.0',
    ]);
  },
);

withBuilder('tools that are not to be had are named, with what needs them', async (world) => {
  world.index.source(buildable({ name: 'crafted', more: ['nosuch>=3'] }));
  expect(await world.failure({ a: 'crafted' })).toMatchObject({
    kind: 'absent',
    what: expect.stringMatching(/^nosuch for Python/) as string,
    hint: expect.stringContaining('building crafted-1.0.tar.gz wants nosuch>=3') as string,
  });
});

withBuilder('a source that is not what the index hashes is refused before anything of it runs', async (world) => {
  const { filename } = world.index.source(buildable({ name: 'crafted' }));
  world.index.server.serve(`/simple-files/${filename}`, makeSource(buildable({ name: 'crafted', more: ['x'] })).bytes);
  expect(await world.failure({ a: 'crafted' })).toMatchObject({ kind: 'integrity' });
});

withBuilder('what lies ready is the only one of its name: a wheel, an archive, a directory', async (world) => {
  using room = pythonRoom();
  const wheel = writeWheel(room.path, { name: 'direct', version: '1.0+local', requires: ['crafted'] });
  const archive = makeSource(buildable({ name: 'crafted', requires: ['cloned>=1'] }));
  writeFileSync(room.at('archive'), archive.bytes);
  const directory = room.at('repository', 'python');
  mkdirSync(directory, { recursive: true });
  for (const [path, text] of Object.entries(buildable({ name: 'cloned', version: '1.5' }).files))
    writeFileSync(`${directory}/${path}`, text);
  for (const name of ['direct', 'crafted', 'cloned']) world.index.wheel({ name, version: '99.0' });
  const commit = 'a'.repeat(40);
  const lines = [
    {
      where: 'a/requirements.txt:1',
      line: 'https://host/direct.whl',
      held: {
        path: wheel.path,
        pinned: { url: 'https://host/direct.whl', sha256: wheel.sha256, filename: wheel.filename },
      },
    },
    {
      where: 'b/requirements.txt:1',
      line: 'crafted @ https://host/x.tar.gz',
      held: { path: room.at('archive'), pinned: { url: 'https://host/x.tar.gz', sha256: archive.sha256 } },
    },
    {
      where: 'b/requirements.txt:2',
      line: 'git+https://host/x',
      held: { path: room.at('repository'), pinned: { repo: 'https://host/x', commit, subdirectory: 'python' } },
    },
  ];
  const asked = {
    overrides: [],
    kept: [],
    interpreter: await room.interpreter(),
    platform: 'linux-x86_64',
    indexUrl: world.index.url,
  };
  const { packages } = await room.python.resolve({ ...asked, lines, scratch: mkdtempSync(room.at('s-')) });
  expect(packages.map(({ name, version, wanted_by }) => [name, version, wanted_by])).toEqual([
    ['cloned', '1.5', ['b/requirements.txt:2', 'crafted']],
    ['crafted', '1.0', ['b/requirements.txt:1', 'direct']],
    ['direct', '1.0+local', ['a/requirements.txt:1']],
  ]);
  expect(packages[0]).toMatchObject({
    kind: 'git',
    source: { repo: 'https://host/x', commit, subdirectory: 'python' },
  });
  expect(world.index.asked()).not.toContain('cloned');
  const misnamed = [{ ...lines[1]!, line: 'other @ https://host/x.tar.gz' }];
  await expect(room.python.resolve({ ...asked, lines: misnamed, scratch: mkdtempSync(room.at('s-')) })).rejects.toThrow(
    'what is there is not other but crafted',
  );
  const rival = {
    ...lines[2]!,
    where: 'c/requirements.txt:9',
    line: 'git+https://host/fork',
    held: { ...lines[2]!.held, pinned: { repo: 'https://host/fork', commit: 'b'.repeat(40), subdirectory: 'python' } },
  };
  await expect(
    room.python.resolve({ ...asked, lines: [...lines, rival], scratch: mkdtempSync(room.at('s-')) }),
  ).rejects.toThrow(
    'No version of cloned suits everybody:\n  b/requirements.txt:2  wants git+https://host/x\n  c/requirements.txt:9  wants git+https://host/fork',
  );
});

withBuilder(
  'a version that cannot be built is passed over; where there is no other, its builder’s own words are the failure',
  async (world) => {
    world.index.source(buildable({ name: 'crafted', version: '1.0' }));
    const broken = buildable({ name: 'crafted', version: '2.0' });
    world.index.source({ ...broken, files: { ...broken.files, 'tiny.json': 'no JSON' } });
    expect(await world.versions({ a: 'crafted' })).toEqual(['crafted 1.0']);
    const failure = await world.failure({ a: 'crafted>=2' });
    expect(failure).toMatchObject({ kind: 'command', command: 'The builder tiny_builder (requires)', exitCode: 1 });
    expect(JSON.stringify(failure)).toContain('JSONDecodeError');
  },
  { each: true },
);
