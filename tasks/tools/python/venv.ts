import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Interpreter } from '#engine';

import { writeFile } from '../write-file.ts';
import { activations } from './activate.ts';
import { minorOf } from './wheel-name.ts';

/** Where packages live below a virtual environment: `lib/python3.11/site-packages`. */
export const sitePackagesOf = ({ version }: Interpreter): string => `lib/python${minorOf(version)}/site-packages`;

/** Lays out an empty virtual environment below `into`, the same files as `python -m venv --without-pip`. Only the interpreter's path is absolute. */
export function writeVenv({ interpreter, into }: { readonly interpreter: Interpreter; readonly into: string }): void {
  const { path, version, platform } = interpreter;
  const bin = join(into, 'bin');
  for (const directory of ['bin', `include/python${minorOf(version)}`, sitePackagesOf(interpreter)])
    mkdirSync(join(into, directory), { recursive: true });
  symlinkSync(path, join(bin, 'python3'));
  symlinkSync('python3', join(bin, 'python'));
  symlinkSync('python3', join(bin, `python${minorOf(version)}`));
  if (/^linux-.*(?:64|64le|s390x)(?:-musl)?$/.test(platform)) symlinkSync('lib', join(into, 'lib64'));
  for (const [name, text] of Object.entries(activations)) writeFile(join(bin, name), text);
  writeFile(
    join(into, 'pyvenv.cfg'),
    [
      `home = ${dirname(path)}`,
      'include-system-site-packages = false',
      `version = ${version}`,
      `executable = ${path}`,
      'relocatable = true',
      '',
    ].join('\n'),
  );
}
