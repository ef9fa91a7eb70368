import { expect, test } from 'vitest';

import { decide } from '../../tasks/tools/closure/card.ts';
import { holds } from '../../tasks/tools/closure/marker.ts';
import { markersOf } from '../../tasks/tools/closure/target.ts';

const linux = markersOf({ platform: 'linux-x86_64', python: '3.11.7' });
const mac = markersOf({ platform: 'macosx-arm64', python: '3.12.0' });

test.for([
  ['sys_platform == "linux"', true, false],
  ["platform_system=='Darwin' and platform_machine == 'arm64'", false, true],
  ['python_version < "3.12"', true, false],
  ['python_version >= "3.9" and python_version<="3.11"', true, false],
  ['python_full_version == "3.11.*"', true, false],
  ['"3.11" <= python_version', true, true],
  ['platform_machine in "x86_64 amd64"', true, false],
  ['platform_machine not in "x86_64 amd64"', false, true],
  ['os_name == "nt" or sys_platform == "darwin"', false, true],
  ['(os_name == "nt" or sys_platform == "darwin") and python_version > "4"', false, false],
  ['os_name == "nt" or sys_platform == "darwin" and python_version > "4"', false, false],
  ['implementation_name == "cpython"', true, true],
  ['python_implementation == "PyPy"', false, false],
  ['sys.platform == "linux"', true, false],
  ['platform_release >= "20"', false, false],
  ['extra == "fast"', false, false],
  // Better one too many than one that is missed.
  ['this is no condition', true, true],
  ['sys_platform = "linux"', true, true],
  ['unheard_of == "x"', true, true],
  ['(sys_platform == "win32"', true, true],
] as const)('%s', ([marker, onLinux, onMac]) => {
  expect([holds(marker, linux), holds(marker, mac)]).toEqual([onLinux, onMac]);
});

test('an extra is compared as names are', () => {
  expect(holds('extra == "Fast_Math"', linux, 'fast-math')).toBe(true);
  expect(holds('sys_platform == "win32" and extra == "fast"', linux, 'fast')).toBe(false);
});

test('of the requirements of a package only those are left that a target has, each under its extra', () => {
  const metadata = {
    name: 'App',
    version: '1.0',
    extras: ['fast', 'slow'],
    requires: [
      'Numpy (>=1.26,<3)',
      'tomli ; python_version < "3.11"',
      'triton==3.5 ; sys_platform == "linux"',
      'speed[x, Y_z] ; extra == "fast"',
      'both ; extra == "fast" or extra == "slow"',
      'windows ; extra == "fast" and sys_platform == "win32"',
      '',
    ],
  };
  const identity = { name: 'app', version: '1.0' };
  const needs = (environment: typeof linux) =>
    decide(identity, metadata, { environment, overridden: new Set(), held: new Set() }).needs.map(
      ({ wish: { name, extras, specifier }, onlyFor }) =>
        [name, ...extras, specifier, onlyFor].filter((part) => part !== undefined && part !== '').join(' '),
    );
  expect(needs(linux)).toEqual(['numpy >=1.26,<3', 'triton ==3.5', 'speed x y-z fast', 'both fast', 'both slow']);
  expect(needs(mac)).toEqual(['numpy >=1.26,<3', 'speed x y-z fast', 'both fast', 'both slow']);
});
