import { expect, test } from 'vitest';

import { demandFit, parseWheelName } from '../../tasks/tools/python/wheel-name.ts';

const python = (version: string, platform = 'linux-x86_64') => ({
  path: '/usr/bin/python3',
  version,
  cacheTag: `cpython-${version.split('.').slice(0, 2).join('')}`,
  platform,
});

test('parseWheelName() splits names, versions, build numbers and joined tags', () => {
  expect(parseWheelName('Demo_Lib-1.0+cu121-2x-py2.py3-none-manylinux1_x86_64.manylinux2014_x86_64.whl')).toEqual({
    filename: 'Demo_Lib-1.0+cu121-2x-py2.py3-none-manylinux1_x86_64.manylinux2014_x86_64.whl',
    name: 'Demo_Lib',
    version: '1.0+cu121',
    pythons: ['py2', 'py3'],
    abis: ['none'],
    platforms: ['manylinux1_x86_64', 'manylinux2014_x86_64'],
  });
});

test.for([
  'demo.whl',
  'demo-1.0.whl',
  '../demo-1.0-py3-none-any.whl',
  'demo-1.0-py3-none-any.zip',
  'a/b-1-py3-none-any.whl',
  '-r-1-py3-none-any.whl',
])('%s is no name of a wheel', (filename) => {
  expect(() => parseWheelName(filename)).toThrow(`Refused ${filename}`);
});

test.for([
  ['py3-none-any', '3.11.7', 'linux-x86_64'],
  ['py2.py3-none-any', '3.11.7', 'linux-x86_64'],
  ['py310-none-any', '3.11.7', 'linux-x86_64'],
  ['cp311-none-any', '3.11.7', 'linux-x86_64'],
  ['cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64', '3.11.7', 'linux-x86_64'],
  ['cp311-cp311-linux_x86_64', '3.11.7', 'linux-x86_64'],
  ['cp37-abi3-manylinux1_x86_64', '3.11.7', 'linux-x86_64'],
  ['cp37-cp37m-manylinux2010_x86_64', '3.7.9', 'linux-x86_64'],
  ['py3-none-manylinux_2_28_aarch64', '3.12.0', 'linux-aarch64'],
  ['cp312-cp312-musllinux_1_2_x86_64', '3.12.0', 'linux-x86_64-musl'],
  ['cp312-cp312-macosx_11_0_arm64', '3.12.0', 'macosx-14.0-arm64'],
  ['cp312-cp312-macosx_10_9_universal2', '3.12.0', 'macosx-14.0-x86_64'],
] as const)('%s fits Python %s on %s', ([tag, version, platform]) => {
  expect(() => demandFit(parseWheelName(`demo-1.0-${tag}.whl`), python(version, platform))).not.toThrow();
});

test.for([
  ['py2-none-any', '3.11.7', 'linux-x86_64'],
  ['py312-none-any', '3.11.7', 'linux-x86_64'],
  ['cp310-none-any', '3.11.7', 'linux-x86_64'],
  ['cp312-cp312-manylinux_2_17_x86_64', '3.11.7', 'linux-x86_64'],
  ['cp31-cp31-manylinux_2_17_x86_64', '3.11.7', 'linux-x86_64'],
  ['cp313-cp313t-manylinux_2_17_x86_64', '3.13.0', 'linux-x86_64'],
  ['cp312-abi3-manylinux_2_17_x86_64', '3.11.7', 'linux-x86_64'],
  ['pp311-pypy311_pp73-manylinux_2_17_x86_64', '3.11.7', 'linux-x86_64'],
  ['cp311-cp311-manylinux_2_17_aarch64', '3.11.7', 'linux-x86_64'],
  ['cp311-cp311-musllinux_1_2_x86_64', '3.11.7', 'linux-x86_64'],
  ['cp311-cp311-manylinux_2_17_x86_64', '3.11.7', 'linux-x86_64-musl'],
  ['cp311-cp311-win_amd64', '3.11.7', 'linux-x86_64'],
  ['cp312-cp312-macosx_15_0_arm64', '3.12.0', 'macosx-14.0-arm64'],
  ['cp312-cp312-macosx_11_0_x86_64', '3.12.0', 'macosx-14.0-arm64'],
] as const)('%s does not fit Python %s on %s', ([tag, version, platform]) => {
  expect(() => demandFit(parseWheelName(`demo-1.0-${tag}.whl`), python(version, platform))).toThrow(
    `Refused demo-1.0-${tag}.whl: it is not made for Python ${version} on ${platform}`,
  );
});
