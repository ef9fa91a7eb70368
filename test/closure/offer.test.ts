import { expect, test } from 'vitest';

import type { ListedFile } from '../../tasks/tools/closure/index-page.ts';
import { offersOf, sourceVersion } from '../../tasks/tools/closure/offer.ts';
import { rankOf } from '../../tasks/tools/closure/rank.ts';
import { parseWheelName } from '../../tasks/tools/python/wheel-name.ts';

const targets = {
  linux: { platform: 'linux-x86_64', python: '3.11.7' },
  arm: { platform: 'linux-aarch64', python: '3.11.7' },
  musl: { platform: 'linux-x86_64-musl', python: '3.11.7' },
  mac: { platform: 'macosx-arm64', python: '3.11.7' },
  oldMac: { platform: 'macosx-14.0-x86_64', python: '3.11.7' },
} as const;

/** The tags that fit, the best first. */
const ranked = (target: keyof typeof targets, tags: readonly string[]): readonly string[] =>
  tags
    .map((tag) => ({ tag, rank: rankOf(parseWheelName(`demo-1.0-${tag}.whl`), targets[target]) }))
    .filter((one): one is { tag: string; rank: number } => one.rank !== undefined)
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ tag }) => tag);

test('the wheel that is closest to a machine is taken, and no other depends on which machine asks', () => {
  const tags = [
    'py3-none-any',
    'py2.py3-none-any',
    'cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64',
    'cp311-cp311-manylinux_2_28_x86_64',
    'cp311-cp311-manylinux_2_34_x86_64',
    'cp311-cp311-linux_x86_64',
    'cp311-abi3-manylinux_2_28_x86_64',
    'cp38-abi3-manylinux_2_28_x86_64',
    'cp39-abi3-manylinux_2_28_x86_64',
    'py3-none-manylinux1_x86_64',
    'cp311-none-any',
    'cp312-cp312-manylinux_2_28_x86_64',
    'cp312-abi3-manylinux_2_28_x86_64',
    'cp311-cp311t-manylinux_2_28_x86_64',
    'cp310-cp310-manylinux_2_28_x86_64',
    'cp311-cp311-manylinux_2_28_aarch64',
    'cp311-cp311-musllinux_1_2_x86_64',
    'cp311-cp311-macosx_11_0_arm64',
    'cp311-cp311-win_amd64',
    'py2-none-any',
    'pp310-pypy310_pp73-manylinux_2_17_x86_64',
  ];
  expect(ranked('linux', tags)).toEqual([
    'cp311-cp311-manylinux_2_28_x86_64',
    'cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64',
    'cp311-cp311-linux_x86_64',
    'cp311-cp311-manylinux_2_34_x86_64',
    'cp311-abi3-manylinux_2_28_x86_64',
    'cp39-abi3-manylinux_2_28_x86_64',
    'cp38-abi3-manylinux_2_28_x86_64',
    'py3-none-manylinux1_x86_64',
    'cp311-none-any',
    'py3-none-any',
    'py2.py3-none-any',
  ]);
  const plain = ['cp311-none-any', 'py3-none-any', 'py2.py3-none-any'];
  expect(ranked('arm', tags)).toEqual(['cp311-cp311-manylinux_2_28_aarch64', ...plain]);
  expect(ranked('musl', tags)).toEqual(['cp311-cp311-musllinux_1_2_x86_64', 'cp311-cp311-linux_x86_64', ...plain]);
  expect(ranked('mac', tags)).toEqual(['cp311-cp311-macosx_11_0_arm64', ...plain]);
});

test('a Mac takes what is made for its release or an older one before anything newer', () => {
  const tags = ['macosx_15_0_x86_64', 'macosx_10_9_x86_64', 'macosx_14_0_universal2', 'macosx_11_0_arm64'];
  expect(
    ranked(
      'oldMac',
      tags.map((tag) => `cp311-cp311-${tag}`),
    ),
  ).toEqual(['cp311-cp311-macosx_14_0_universal2', 'cp311-cp311-macosx_10_9_x86_64', 'cp311-cp311-macosx_15_0_x86_64']);
});

const file = (filename: string, more: Partial<ListedFile> = {}): ListedFile => ({
  filename,
  url: `https://host/${filename}`,
  reach: `https://host/${filename}`,
  yanked: false,
  ...more,
});

const offered = (files: readonly ListedFile[], how: Partial<Parameters<typeof offersOf>[2]> = {}): readonly string[] =>
  offersOf('demo', files, { target: targets.linux, asked: [], sources: 'instead', ...how }).map(
    ({ version, file: { filename }, isSource }) => `${version} ${isSource ? 'source' : 'wheel'} ${filename}`,
  );

test('of each version the best file is on offer, the newest version first', () => {
  const files = [
    file('demo-1.9-py3-none-any.whl'),
    file('demo-1.10-cp311-cp311-win_amd64.whl'),
    file('demo-1.10-py3-none-any.whl'),
    file('demo-1.10-cp311-cp311-manylinux_2_28_x86_64.whl'),
    file('demo-1.10.tar.gz'),
    file('demo-1.11-py3-none-any.whl', { requiresPython: '>=3.12' }),
    file('not a file of a package'),
  ];
  expect(offered(files)).toEqual([
    '1.10 wheel demo-1.10-cp311-cp311-manylinux_2_28_x86_64.whl',
    '1.9 wheel demo-1.9-py3-none-any.whl',
  ]);
});

test('a source is on offer where there is no wheel, and where no wheel is what was asked for', () => {
  const files = [file('demo-1.0-py3-none-any.whl'), file('demo-2.0.tar.gz')];
  expect(offered([file('demo-2.0.tar.gz'), file('demo-1.0.zip')])).toEqual([
    '2.0 source demo-2.0.tar.gz',
    '1.0 source demo-1.0.zip',
  ]);
  expect(offered(files)).toEqual(['1.0 wheel demo-1.0-py3-none-any.whl']);
  expect(offered(files, { asked: ['>=2'] })).toEqual([
    '2.0 source demo-2.0.tar.gz',
    '1.0 wheel demo-1.0-py3-none-any.whl',
  ]);
  expect(offered(files, { sources: 'beside' })).toHaveLength(2);
  expect(offered(files, { sources: 'never', asked: ['>=2'] })).toHaveLength(1);
});

test('a prerelease is for those who ask for one, or where there is nothing else', () => {
  const files = [file('demo-1.0-py3-none-any.whl'), file('demo-2.0rc1-py3-none-any.whl')];
  expect(offered(files)).toEqual(['1.0 wheel demo-1.0-py3-none-any.whl']);
  expect(offered(files, { asked: ['>=2.0rc1'] })).toHaveLength(2);
  expect(offered([files[1]!])).toHaveLength(1);
});

test('a version that was withdrawn is for those who name it', () => {
  const files = [file('demo-1.0-py3-none-any.whl'), file('demo-2.0-py3-none-any.whl', { yanked: true })];
  expect(offered(files, { asked: ['>=2'] })).toEqual(['1.0 wheel demo-1.0-py3-none-any.whl']);
  expect(offered(files, { asked: ['==2.0'] })).toHaveLength(2);
});

test('between equal wheels the name decides, in whatever order they are listed', () => {
  const files = ['demo-1.0-1-py3-none-any.whl', 'demo-1.0-2-py3-none-any.whl'].map((name) => file(name));
  expect(offered(files)).toEqual(offered(files.toReversed()));
  expect(offered(files)).toEqual(['1.0 wheel demo-1.0-2-py3-none-any.whl']);
});

test.for([
  ['demo-lib', 'demo-lib-1.0.tar.gz', '1.0'],
  ['demo-lib', 'demo_lib-1.0.post1.zip', '1.0.post1'],
  ['demo-lib', 'Demo.Lib-1.0-beta1.tar.bz2', '1.0-beta1'],
  ['demo-lib', 'demo-1.0.tar.gz', undefined],
  ['demo', 'demo-1.0.exe', undefined],
] as const)('the source of %s in %s is %s', ([name, filename, version]) => {
  expect(sourceVersion(name, filename)).toBe(version);
});
