import { expect, test } from 'vitest';

import { Failed } from '#engine';
import type { Findings } from '../../pipelines/documents/findings.ts';
import { parseLockfile } from '../../pipelines/documents/lockfile.ts';
import { blockFor, platformOf } from '../../pipelines/documents/platforms.ts';
import { readPython } from '../../pipelines/documents/python.ts';
import { lock, sha256, wheel } from './lockfiles.ts';

test.for([
  ['linux-x86_64', 'linux-x86_64'],
  ['linux-aarch64-musl', 'linux-aarch64-musl'],
  ['macosx-14.0-arm64', 'macosx-arm64'],
  ['macosx-10.9-x86_64', 'macosx-x86_64'],
  ['macosx-11.0-universal2', 'macosx-arm64'],
] as const)('an interpreter on %s is on %s', ([platform, kind]) => {
  expect(platformOf({ platform }, 'arm64')).toBe(kind);
});

test('an interpreter for every kind of Mac is on the one it is on', () => {
  expect(platformOf({ platform: 'macosx-11.0-universal2' }, 'x64')).toBe('macosx-x86_64');
});

function problemsOf(python: unknown): readonly string[] {
  const findings: Findings = { problems: [], warnings: [] };
  readPython(python, { file: 'versions/x.json', at: 'python' }, findings);
  return [...findings.problems.map(({ at, problem }) => `${at}: ${problem}`), ...findings.warnings];
}

test('platforms are names, or names with a build of torch', () => {
  const findings: Findings = { problems: [], warnings: [] };
  const platforms = ['linux-x86_64', { platform: 'linux-x86_64', torch: 'rocm' }, 'macosx-arm64'];
  expect(readPython({ platforms }, { file: 'x', at: 'python' }, findings).platforms).toEqual([
    { platform: 'linux-x86_64' },
    { platform: 'linux-x86_64', torch: 'rocm' },
    { platform: 'macosx-arm64' },
  ]);
  expect(findings).toEqual({ problems: [], warnings: [] });
});

const expected = 'Expected a platform such as "linux-x86_64", or {"platform": "linux-x86_64", "torch": "cpu"}';
test.for([
  [['win-amd64'], `python.platforms[0]: ${expected}`],
  [
    ['linux-x86_64', { platform: 'linux-x86_64', torch: 'cuda' }],
    'python.platforms[1].torch: Expected cpu, xpu, rocm, or such as cu128 or rocm6.4',
  ],
  [[{ platform: 'linux-x86_64', cuda: 'cu128' }], 'python.platforms[0]: Unrecognized key: "cuda"'],
  ['linux-x86_64', 'python.platforms: Expected a list'],
  [[], 'python.platforms: Expected at least one platform; leave it out to mean this machine'],
  [['macosx-arm64', 'macosx-arm64'], 'python.platforms: The same platform with the same torch twice'],
] as const)('%j is refused: %s', ([platforms, problem]) => {
  expect(problemsOf({ platforms })).toEqual([problem]);
});

const interpreter = { path: '/usr/bin/python3', version: '3.11.7', cacheTag: 'cpython-311', platform: 'linux-x86_64' };
const withBlocks = (...platforms: readonly object[]) =>
  parseLockfile(JSON.stringify({ ...lock, python: { version: '3.11', platforms } }), 'lockfiles/demo.lock.json');
const cu128 = { platform: 'linux-x86_64', torch: 'cu128', wheels: [] };
const cpu = { platform: 'linux-x86_64', torch: 'cpu', wheels: [] };
const mac = { platform: 'macosx-arm64', wheels: [] };
const any = { platform: 'any', wheels: [] };

const chosen = (
  blocks: readonly object[],
  how: { torch?: string; usualTorch?: string } = {},
  platform = 'linux-x86_64',
) => blockFor(withBlocks(...blocks), { interpreter: { ...interpreter, platform }, ...how });

test('the block of a machine is the one with the build of torch that is meant', () => {
  expect(chosen([cu128, cpu, mac], { usualTorch: 'cu128' })).toEqual(cu128);
  expect(chosen([cu128, cpu, mac], { usualTorch: 'cu128', torch: 'cpu' })).toEqual(cpu);
  expect(chosen([cpu, mac], { usualTorch: 'cu128' })).toEqual(cpu);
  expect(chosen([cpu, mac], {}, 'macosx-14.0-arm64')).toEqual(mac);
  expect(chosen([{ ...mac, platform: 'macosx-14.0-arm64' }], {}, 'macosx-14.0-arm64').platform).toBe(
    'macosx-14.0-arm64',
  );
  expect(chosen([any, mac])).toEqual(any);
});

test.for([
  [
    [cu128, cpu],
    {},
    'It has several builds of torch for linux-x86_64: cu128, cpu',
    'choose one with --torch, or in python.torch',
  ],
  [
    [cu128],
    { torch: 'cpu' },
    'It has no wheels for linux-x86_64 with the cpu build of torch, only with cu128',
    'python.platforms, then run `pipeline validate demo`',
  ],
  [
    [any],
    { torch: 'cpu' },
    'It has no wheels for linux-x86_64 with the cpu build of torch, only with none in particular',
    '"torch": "cpu"',
  ],
  [[mac], {}, 'It has no wheels for linux-x86_64, only for macosx-arm64', 'add "linux-x86_64" to python.platforms'],
] as const)('%j for %j is refused: %s', ([blocks, how, problem, hint]) => {
  try {
    chosen(blocks, how);
  } catch (error) {
    const failure = error instanceof Failed ? error.failure : undefined;
    expect(failure).toMatchObject({ kind: 'document', at: 'python.platforms', problem });
    expect(failure).toMatchObject({ hint: expect.stringContaining(hint) as string });
    return;
  }
  expect.unreachable('it was chosen');
});

const { url: _url, filename: _filename, size: _size, ...named } = wheel;
const { wanted_by: _wanted, ...tool } = wheel;
const archive = {
  kind: 'archive',
  name: 'crafted',
  version: '1.0',
  source: { url: 'https://i.example/crafted-1.0.tar.gz', sha256 },
  build: [tool],
  wanted_by: ['a'],
};
const git = {
  ...archive,
  kind: 'git',
  source: { repo: 'https://git.example/x', ref: 'refs/heads/main', commit: 'a'.repeat(40), subdirectory: 'python' },
};

test.for([
  ['an archive', archive, undefined],
  ['a commit', git, undefined],
  ['a wheel that says so', { ...wheel, kind: 'wheel' }, undefined],
  ['neither', named, 'url: Missing'],
  ['an archive without its source', { ...archive, source: undefined }, 'source: Missing'],
  [
    'a commit that is none',
    { ...git, source: { ...git.source, commit: 'main' } },
    'source.commit: Expected a full commit',
  ],
  [
    'a directory outside',
    { ...git, source: { ...git.source, subdirectory: '../x' } },
    'source.subdirectory: A path has no `..`',
  ],
  ['a tool without a hash', { ...archive, build: [{ ...tool, sha256: undefined }] }, 'build[0].sha256: Missing'],
] as const)('a package of a lockfile may be built from its source: %s', ([, one, problem]) => {
  const read = (): unknown => withBlocks({ ...any, asked: sha256, wheels: [one] }).python.platforms[0];
  if (problem === undefined) expect(read()).toEqual({ ...any, asked: sha256, wheels: [one] });
  else expect(read).toThrow(problem);
});
