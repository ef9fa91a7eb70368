import { lstatSync, mkdtempDisposableSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sha256Of } from '#cache';
import { openArchive } from '../../tasks/tools/archive/archive.ts';
import { type Installer, openPython } from '../../tasks/tools/python/python.ts';
import { type Environment, openShell, type Shell } from '../../tasks/tools/shell.ts';

/** How a room differs from the machine it is on. */
interface Difference {
  readonly installer?: Installer;
  /** Directories below the room that make PATH. */
  readonly path?: readonly string[];
  readonly environment?: Environment;
}

/** A temporary directory with the real Python of this machine, gone when it is disposed of. */
export function pythonRoom({ installer = 'pipeline', path, environment: change }: Difference = {}) {
  const directory = mkdtempDisposableSync(join(tmpdir(), 'python-'));
  const PATH = path?.map((name) => join(directory.path, name)).join(':') ?? process.env['PATH'] ?? '';
  const environment: Environment = { ...(process.env as Record<string, string>), PATH, ...change };
  const said: string[] = [];
  const onLine = (line: string): void => void said.push(line);
  const shell: Shell = openShell({ environment, signal: new AbortController().signal, onLine });
  const probes = join(directory.path, 'probes');
  return {
    path: directory.path,
    environment,
    shell,
    said,
    python: openPython({ shell, archive: openArchive(), probes, installer, environment, onLine }),
    /** A path below the directory. */
    at: (...names: readonly string[]): string => join(directory.path, ...names),
    [Symbol.dispose]: (): void => directory[Symbol.dispose](),
  };
}

/** Everything below a directory: a link as where it points, a file as its mode for the owner and the hash of its bytes. */
export const listing = (directory: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .toSorted()
      .flatMap((name): readonly (readonly [string, string])[] => {
        const path = join(directory, name);
        const stat = lstatSync(path);
        if (stat.isSymbolicLink()) return [[name, `-> ${readlinkSync(path)}`]];
        return stat.isFile()
          ? [[name, `${stat.mode & 0o100 ? 'program' : 'file'} ${sha256Of(readFileSync(path))}`]]
          : [];
      }),
  );
