import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { zip } from './zip.ts';

/** Text or bytes by path. */
type Files = Readonly<Record<string, string | Buffer>>;

/** What a small wheel holds. */
export interface WheelSpec {
  readonly name: string;
  readonly version?: string;
  /** `py3-none-any` unless said otherwise. */
  readonly tag?: string;
  /** Below `site-packages`. */
  readonly files?: Files;
  /** Below `<name>-<version>.data/<scheme>`; scripts are executable. */
  readonly data?: Partial<Record<'scripts' | 'data' | 'headers' | 'purelib' | 'platlib', Files>>;
  /** `entry_points.txt`: section, name, reference. */
  readonly entryPoints?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Files that may be run, besides the scripts. */
  readonly programs?: readonly string[];
  /** `Requires-Dist` lines. */
  readonly requires?: readonly string[];
  /** Changes the entries after their RECORD was written: how a hostile wheel is made. */
  readonly tamper?: (entries: Map<string, Buffer>) => void;
}

/** A wheel's bytes with what a lockfile says of it. */
export interface Wheel {
  readonly filename: string;
  readonly bytes: Buffer;
  readonly sha256: string;
  /** The text of its METADATA. */
  readonly metadata: string;
}

/** A real wheel, the same bytes for the same spec. */
export function makeWheel(spec: WheelSpec): Wheel {
  const { name, version = '1.0', tag = 'py3-none-any' } = spec;
  const stem = `${name}-${version}`;
  const info = `${stem}.dist-info`;
  const entries = new Map<string, Buffer>();
  const add = (path: string, content: string | Buffer): void => void entries.set(path, Buffer.from(content));
  for (const [path, content] of Object.entries(spec.files ?? {})) add(path, content);
  for (const [scheme, files] of Object.entries(spec.data ?? {}))
    for (const [path, content] of Object.entries(files)) add(`${stem}.data/${scheme}/${path}`, content);
  const extras = (spec.requires ?? []).flatMap((line) => /extra == "(.+?)"/.exec(line)?.[1] ?? []);
  const requires = [
    ...extras.map((extra) => `Provides-Extra: ${extra}\n`),
    ...(spec.requires ?? []).map((line) => `Requires-Dist: ${line}\n`),
  ].join('');
  const metadata = `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${requires}`;
  add(`${info}/METADATA`, metadata);
  add(`${info}/WHEEL`, `Wheel-Version: 1.0\nGenerator: rig\nRoot-Is-Purelib: true\nTag: ${tag}\n`);
  if (spec.entryPoints) add(`${info}/entry_points.txt`, sections(spec.entryPoints));
  const lines = [...entries].map(
    ([path, bytes]) => `${field(path)},sha256=${hash('sha256', bytes, 'base64url')},${bytes.length}\n`,
  );
  add(`${info}/RECORD`, `${lines.join('')}${info}/RECORD,,\n`);
  spec.tamper?.(entries);
  const modeOf = (path: string): number =>
    path.includes('.data/scripts/') || spec.programs?.includes(path) ? 0o100755 : 0o100644;
  const bytes = zip([...entries].map(([path, data]) => ({ name: path, data, method: 0, mode: modeOf(path) })));
  return { filename: `${stem}-${tag}.whl`, bytes, sha256: hash('sha256', bytes), metadata };
}

/** Writes a wheel below `directory`, by its own name. */
export function writeWheel(directory: string, spec: WheelSpec): Wheel & { readonly path: string } {
  const wheel = makeWheel(spec);
  const path = join(directory, wheel.filename);
  writeFileSync(path, wheel.bytes);
  return { ...wheel, path };
}

const field = (path: string): string => (/[",]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path);

const sections = (groups: NonNullable<WheelSpec['entryPoints']>): string =>
  Object.entries(groups)
    .map(
      ([group, entries]) =>
        `[${group}]\n${Object.entries(entries)
          .map(([name, to]) => `${name} = ${to}\n`)
          .join('')}`,
    )
    .join('\n');

/** A wheel with everything a wheel can have. */
export const everything: WheelSpec = {
  name: 'demo_lib',
  version: '1.0',
  files: {
    'demo/__init__.py': 'COLOURS = lambda colour: colour in {"red", "green", "blue", "black", "white"}\n',
    'demo/cli.py':
      'import sys\n\n\ndef main():\n    print("demo", sys.prefix, *sys.argv[1:])\n\n\nclass Main:\n    run = staticmethod(main)\n',
    'demo/for_python_2.py': 'print "hello"\n',
    'demo/data, with "quotes".txt': 'data\n',
    'demo/größe.txt': 'data\n',
    'demo_space/part/__init__.py': 'PART = 1\n',
    'demo-nspkg.pth': 'demo_space\n',
  },
  data: {
    scripts: {
      'demo-old':
        '#!python\n"""What it does."""\nfrom __future__ import annotations\nimport demo.cli\ndemo.cli.main()\n',
      'demo-replaced': '#!python\nprint("never")\n',
      'demo-sh': '#!/bin/sh\necho shell "$@"\n',
    },
    data: { 'share/demo/readme.txt': 'read\n', 'etc/demo.cfg': 'x\n' },
    headers: { 'demo.h': '#define DEMO\n' },
    purelib: { 'demo_pure.py': 'PURE = 1\n' },
    platlib: { 'demo_plat/__init__.py': 'PLAT = 1\n' },
  },
  entryPoints: {
    console_scripts: { demo: 'demo.cli:main', 'demo-replaced': 'demo.cli:Main.run' },
    gui_scripts: { 'demo-gui': 'demo.cli:main [extra]' },
    'demo.plugins': { one: 'demo.cli' },
  },
  requires: ['nothing>=1; extra == "extra"'],
};
