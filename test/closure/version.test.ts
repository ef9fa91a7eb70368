import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { admits, asksForPrerelease, pinsExactly } from '../../tasks/tools/closure/specifier.ts';
import { compareVersions, isPrerelease, parseVersion, versionText } from '../../tasks/tools/closure/version.ts';

/** From the oldest to the newest, as the standard orders them. */
const ascending = [
  '1.0.dev456',
  '1.0a1',
  '1.0a2.dev456',
  '1.0a12.dev456',
  '1.0a12',
  '1.0b1.dev456',
  '1.0b2',
  '1.0b2.post345.dev456',
  '1.0b2.post345',
  '1.0rc1.dev456',
  '1.0rc1',
  '1.0',
  '1.0+abc.5',
  '1.0+abc.7',
  '1.0+5',
  '1.0+5.1',
  '1.0.post456.dev34',
  '1.0.post456',
  '1.1.dev1',
  '1.10',
  '20240101',
  '1!0.1',
];

test('versions are ordered as the standard says, whichever two are compared', () => {
  const place = fc.nat(ascending.length - 1);
  fc.assert(
    fc.property(place, place, (a, b) => {
      const [left, right] = [parseVersion(ascending[a]!)!, parseVersion(ascending[b]!)!];
      expect(Math.sign(compareVersions(left, right))).toBe(Math.sign(a - b));
    }),
  );
});

test.for([
  ['v1.0', '1.0'],
  ['1.0-ALPHA.3', '1.0a3'],
  ['1.0-1', '1.0.post1'],
  ['1.0c2', '1.0rc2'],
  ['1.0.POST', '1.0.post0'],
  ['1.0.dev', '1.0.dev0'],
  ['1!2.0', '1!2.0'],
  ['2.9.0+CU128', '2.9.0+cu128'],
  ['1.0+ubuntu-1', '1.0+ubuntu.1'],
  ['01.02', '1.2'],
])('%s is %s', ([text, normal]) => {
  expect(versionText(parseVersion(text!)!)).toBe(normal);
});

test.for(['', 'french toast', '1.0+', '1..0', '1.0-x', '==1.0', '1.0 beta 3 x'])('%j is no version', (text) => {
  expect(parseVersion(text)).toBeUndefined();
});

test('what is not final is a prerelease', () => {
  expect(['1.0', '1.0.post1', '1.0+cu128'].map((text) => isPrerelease(parseVersion(text)!))).toEqual([
    false,
    false,
    false,
  ]);
  expect(['1.0a1', '1.0.dev1', '1.0.post1.dev1'].map((text) => isPrerelease(parseVersion(text)!))).toEqual([
    true,
    true,
    true,
  ]);
});

test.for([
  ['', '1.0', true],
  ['>=1.26,<3', '2.1', true],
  ['>=1.26,<3', '3.0', false],
  [' >= 1.26 , < 3 ,', '2.1', true],
  ['==2.9.0', '2.9.0+cu128', true],
  ['==2.9.0+cu128', '2.9.0+cu128', true],
  ['==2.9.0+cu128', '2.9.0', false],
  ['==2.9.0+cu128', '2.9.0+cpu', false],
  ['!=2.9.0', '2.9.0+cu128', false],
  ['==1', '1.0.0', true],
  ['==1.*', '1.9', true],
  ['==1.*', '1.9rc1', true],
  ['==1.2.*', '1.20', false],
  ['!=1.*', '1.9', false],
  ['!=1.*', '2.0', true],
  ['~=1.4.2', '1.4.9', true],
  ['~=1.4.2', '1.5', false],
  ['~=1.4', '1.9', true],
  ['~=1.4', '2.0', false],
  ['<=2.9.0', '2.9.0+cu128', true],
  ['>2.9.0', '2.9.0+cu128', false],
  ['>1.7', '1.7.post1', false],
  ['>1.7', '1.7.1', true],
  ['>1.7.post1', '1.7.post2', true],
  ['<1.7', '1.7rc1', false],
  ['<1.7rc2', '1.7rc1', true],
  ['<1.7', '1.6.9', true],
  ['===1.0-weird', '1.0-weird', true],
  ['>=1.0', '1!0.5', true],
  ['>=garbage', '1.0', false],
] as const)('%j admits %s: %s', ([specifier, version, whether]) => {
  expect(admits(specifier, version)).toBe(whether);
});

test('who asks for a prerelease, or for one version alone, is known', () => {
  expect(['>=1.0rc1', '==2.0.dev3', '<3.0a1', '>=1', '!=2.0rc1'].map(asksForPrerelease)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(['==1.0', '===1.0', '==1.*', '>=1', '>=1,==1.2'].map(pinsExactly)).toEqual([true, true, false, false, true]);
});
