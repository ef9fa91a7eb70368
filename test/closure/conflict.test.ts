import { describe, expect, test } from 'vitest';

import type { WheelSpec } from '../rig/wheels.ts';
import { absenceOf, type Change, type Lines, openWorld, type Who } from './world.ts';

interface Row {
  readonly about: string;
  /** `name version`, and what it asks for. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  readonly lines: Lines;
  readonly change?: Change;
  /** All that a person reads. `PYTHON` is the version of this machine's. */
  readonly words: string;
}

const rows: readonly Row[] = [
  {
    about: 'core and a node want one package in versions that exclude each other',
    packages: { 'numpy 1.26.4': [], 'numpy 2.0.0': [], 'numpy 2.1.3': [] },
    lines: {
      'core/requirements.txt:4': 'numpy>=2',
      'ComfyUI-Foo/requirements.txt:3': 'numpy<2',
      python_packages: 'numpy',
    },
    words: `No version of numpy suits everybody:
  core/requirements.txt:4         wants numpy>=2
  ComfyUI-Foo/requirements.txt:3  wants numpy<2
  python_packages                 wants numpy
hint: "numpy==2.1.3" in python.overrides settles it: ComfyUI-Foo/requirements.txt:3 has to live with it`,
  },
  {
    about: 'a node brings a package that wants what core does not',
    packages: { 'numpy 1.26.4': [], 'numpy 2.1.3': [], 'numba 0.59.0': ['numpy<1.27,>=1.22'], 'tool 1.0': ['numba'] },
    lines: { 'core/requirements.txt:4': 'numpy>=2', 'ComfyUI-Foo/requirements.txt:3': 'tool' },
    words: `No version of numpy suits everybody:
  core/requirements.txt:4  wants numpy>=2
  numba 0.59.0             wants numpy<1.27,>=1.22, for ComfyUI-Foo/requirements.txt:3
hint: "numpy==2.1.3" in python.overrides settles it: numba 0.59.0 has to live with it`,
  },
  {
    about: 'where core does not care, the most are suited',
    packages: { 'pillow 9.0': [], 'pillow 10.0': [] },
    lines: {
      'a/requirements.txt:1': 'Pillow<10',
      'b/requirements.txt:1': 'pillow>=10',
      'c/requirements.txt:1': 'pillow<10',
    },
    words: `No version of pillow suits everybody:
  a/requirements.txt:1  wants pillow<10
  b/requirements.txt:1  wants pillow>=10
  c/requirements.txt:1  wants pillow<10
hint: "pillow==9.0" in python.overrides settles it: b/requirements.txt:1 has to live with it`,
  },
  {
    about: 'what is built for a graphics card is overridden by its version alone',
    packages: { 'torch 2.8.0+cu128': [], 'torch 2.9.0+cu128': [], 'xformers 0.0.32': ['torch==2.8.0'] },
    lines: { 'core/requirements.txt:1': 'torch>=2.9', 'foo/requirements.txt:2': 'xformers==0.0.32' },
    words: `No version of torch suits everybody:
  core/requirements.txt:1  wants torch>=2.9
  xformers 0.0.32          wants torch==2.8.0, for foo/requirements.txt:2
hint: "torch==2.9.0" in python.overrides settles it: xformers 0.0.32 has to live with it`,
  },
  {
    about: 'the version that can be chosen is told of, not the newest of all',
    packages: {
      'app 2.0': ['lib>=2'],
      'app 1.0': ['lib<2'],
      'plugin 1.0': ['app<2'],
      'rival 1.0': ['lib>=2'],
      'lib 1.0': [],
      'lib 2.0': [],
    },
    lines: { 'a/requirements.txt:1': 'app', 'b/requirements.txt:1': 'plugin', 'c/requirements.txt:1': 'rival' },
    words: `No version of lib suits everybody:
  app 1.0    wants lib<2, for a/requirements.txt:1
  rival 1.0  wants lib>=2, for c/requirements.txt:1
hint: "lib==2.0" in python.overrides settles it: app 1.0 has to live with it`,
  },
  {
    about: 'an override that others cannot live with is one of those who want',
    packages: { 'app 1.0': ['lib'], 'lib 1.0': ['base>=2'], 'base 1.0': [], 'base 2.0': [] },
    lines: { 'a/requirements.txt:1': 'app', 'core/requirements.txt:1': 'base<2' },
    change: { overrides: ['lib==3.0'] },
    words: `lib==3.0 for Python PYTHON on linux-x86_64 does not exist
hint: python.overrides wants lib==3.0; there is lib 1.0; another one can be named in python.overrides`,
  },
  {
    about: 'a package that nobody publishes',
    packages: {},
    lines: { 'ComfyUI-Foo/requirements.txt:3': 'Nosuch_thing>=9' },
    words: `nosuch-thing for Python PYTHON on linux-x86_64 does not exist
hint: ComfyUI-Foo/requirements.txt:3 wants nosuch-thing>=9: check the name, python.version, and python.index_url`,
  },
  {
    about: 'a package that a package asks for, and nobody publishes',
    packages: { 'app 1.0': ['nosuch'] },
    lines: { 'ComfyUI-Foo/requirements.txt:3': 'app' },
    words: `nosuch for Python PYTHON on linux-x86_64 does not exist
hint: app 1.0 (for ComfyUI-Foo/requirements.txt:3) wants nosuch: check the name, python.version, and python.index_url`,
  },
  {
    about: 'a version that there is none of',
    packages: Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`lib ${n}.0`, []])),
    lines: { 'core/requirements.txt:1': 'lib==99', 'a/requirements.txt:1': 'lib' },
    words: `lib==99 for Python PYTHON on linux-x86_64 does not exist
hint: core/requirements.txt:1 wants lib==99; there is lib 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0 and 2 older; another one can be named in python.overrides`,
  },
];

describe.for<Who>(['uv', 'pip'])('with %s', (who) => {
  test.for(rows)('$about', async ({ packages, lines, change, words }, { skip }) => {
    const absence = await absenceOf(who);
    if (absence !== undefined) return skip(absence);
    await using world = await openWorld(who);
    const specs = Object.entries(packages).map(([what, requires]): WheelSpec => {
      const [name = '', version = ''] = what.split(' ');
      return { name, version, requires };
    });
    for (const spec of specs) world.index.wheel(spec);
    expect((await world.words(lines, change)).replace(/Python 3\.\d+/, 'Python PYTHON')).toBe(words);
  });
});
