import { hash } from 'node:crypto';
import { join } from 'node:path';

import type { Interpreter } from '#engine';
import { everything, type WheelSpec, writeWheel } from '../rig/wheels.ts';

/** Rewrites the RECORD of a wheel, line by line: path, hash, size. */
const recorded =
  (render: (path: string, digest: string, bytes: Buffer) => string): NonNullable<WheelSpec['tamper']> =>
  (entries) => {
    const record = [...entries.keys()].find((path) => path.endsWith('.dist-info/RECORD'))!;
    const lines = [...entries].map(([path, bytes]) =>
      path === record ? `${path},,` : render(path, hash('sha256', bytes, 'base64url'), bytes),
    );
    entries.set(record, Buffer.from(`${lines.join('\r\n')}\r\n`));
  };

const shared = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n";

/** Wheels with everything in which real ones differ from the usual. They fit together. */
const quirks = ({ platform, cacheTag, version }: Interpreter): readonly WheelSpec[] => [
  { ...everything, requires: [] },
  {
    name: 'CamelCase',
    version: '1!2.0.post1',
    files: { 'CamelCase/__init__.py': 'from . import Inner\n', 'CamelCase/Inner.py': '', 'CamelCase/inner_too.py': '' },
    entryPoints: { console_scripts: { CamelCase: 'CamelCase:main' } },
    requires: ['Dotted.Name[fast]>=1', 'absent; extra == "never"'],
  },
  { name: 'camelcase_lower', files: { 'camelcase/__init__.py': '' } },
  {
    name: 'Dotted.Name',
    version: '1.0+local.7',
    files: { 'dotted/name/__init__.py': '', 'dotted/name/deep/er/__init__.py': '' },
    entryPoints: {
      console_scripts: { 'dotted.name-x': 'dotted.name:main.run [fast]' },
      'dotted.plugins': { a: 'dotted' },
    },
    requires: ['demo-lib>=1; extra == "fast"'],
  },
  { name: 'dotted_other', files: { 'dotted/other.py': 'OTHER = 1\n' } },
  { name: 'old_one', files: { 'old/__init__.py': shared, 'old/one.py': '' } },
  { name: 'old_two', files: { 'old/__init__.py': shared, 'old/two.py': '' } },
  {
    name: 'with_pth',
    files: {
      'with_pth.pth': 'import sys; sys.with_pth = 1\nwith_pth_directory\n',
      'with_pth_directory/found_by_pth.py': 'import sys\nassert sys.with_pth\n',
    },
  },
  {
    name: 'native',
    tag: `cp38-abi3-${platform.replaceAll(/[-.]/g, '_')}`,
    files: {
      'native/__init__.py': '',
      'native/_native.abi3.so': Buffer.from('not really'),
      'native/tool': '#!/bin/sh\n',
    },
    programs: ['native/_native.abi3.so', 'native/tool'],
  },
  {
    name: 'quoted',
    files: { 'quoted/__init__.py': '', 'quoted/a, b.txt': '1', 'quoted/say "hi".txt': '2', "quoted/it's.txt": '3' },
    tamper: recorded((path, digest, bytes) => `"${path.replaceAll('"', '""')}","sha256=${digest}","${bytes.length}"`),
  },
  {
    name: 'other_hashes',
    files: { 'other_hashes/__init__.py': 'ONE = 1\n' },
    tamper: recorded((path, _, bytes) => `${path},sha512=${hash('sha512', bytes, 'base64url')},${bytes.length}`),
  },
  {
    name: 'no_sizes',
    files: { 'no_sizes.py': '' },
    tamper: recorded((path, digest) => `${path},sha256=${digest},`),
  },
  {
    name: 'names',
    files: {
      'names/__init__.py': '',
      'names/größe.py': 'GRÖSSE = 1\n',
      'names/cafe\u0301.txt': 'decomposed',
      'names/日本語/__init__.py': '',
      'names/a b/c#d%20e.txt': 'spaces',
    },
  },
  {
    name: 'strange_sources',
    files: {
      'strange_sources/__init__.py': '',
      'strange_sources/latin.py': Buffer.from('# -*- coding: latin-1 -*-\nNAME = "\xe9"\n', 'latin1'),
      'strange_sources/marked.py': '\ufeffMARKED = 1\r\n',
      'strange_sources/template.py': 'def {{ name }}(): pass\n',
      [`strange_sources/__pycache__/brought.${cacheTag}.pyc`]: Buffer.from('brought along'),
    },
  },
  {
    name: 'schemes',
    data: {
      data: { 'share/man/man1/schemes.1': '.TH\n', 'lib/schemes/plugin.txt': 'p', 'etc/jupyter/x.json': '{}' },
      headers: { 'schemes.h': '', 'inner/more.h': '#pragma once\n' },
      scripts: {
        'schemes.py': '#!python\nprint("script")\n',
        'schemes-windowed': '#!pythonw\nprint("windowed")\n',
        'schemes.sh': '#!/bin/bash\necho "$1"\n',
        'schemes-binary': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 255]),
        'schemes-env': `#!/usr/bin/env python${version.split('.')[0]}\nprint(1)\n`,
      },
      purelib: { 'schemes/pure.py': '' },
      platlib: { 'schemes/__init__.py': '', 'schemes/plat.py': '' },
    },
  },
  { name: 'nothing', requires: ['names', 'quoted>=1,<2'] },
];

/** Writes them below a directory; answers their paths. */
export const writeQuirks = (directory: string, interpreter: Interpreter): readonly string[] =>
  quirks(interpreter).map((spec) => join(directory, writeWheel(directory, spec).filename));
