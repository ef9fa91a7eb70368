import { cpSync, lstatSync, mkdirSync, mkdtempDisposableSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sha256Of } from '#cache';
import type { Interpreter } from '#engine';
import { openArchive } from '../../tasks/tools/archive/archive.ts';
import { openHttp } from '../../tasks/tools/http/http.ts';
import { type Installer, openPython } from '../../tasks/tools/python/python.ts';
import { type Environment, openShell, type Shell } from '../../tasks/tools/shell.ts';
import { type WheelSpec, writeWheel } from './wheels.ts';

/** How a room differs from the machine it is on. */
interface Difference {
  readonly installer?: Installer;
  /** Directories below the room that make PATH. */
  readonly path?: readonly string[];
  readonly environment?: Environment;
}

const nowhere = { huggingFace: 'https://hf.invalid', civitai: 'https://civitai.invalid' };

let found: Promise<Interpreter> | undefined;

/** A temporary directory with the real Python of this machine, gone when it is disposed of. */
export function pythonRoom({ installer = 'pipeline', path, environment: change }: Difference = {}) {
  const directory = mkdtempDisposableSync(join(tmpdir(), 'python-'));
  /** A path below the directory. */
  const at = (...names: readonly string[]): string => join(directory.path, ...names);
  const PATH = path?.map((name) => at(name)).join(':') ?? process.env['PATH'] ?? '';
  const environment: Environment = { ...(process.env as Record<string, string>), PATH, ...change };
  const said: string[] = [];
  const onLine = (line: string): void => void said.push(line);
  const shell: Shell = openShell({ environment, signal: new AbortController().signal, onLine });
  const archive = openArchive();
  const http = openHttp({ offline: false, signal: new AbortController().signal, tokens: {}, endpoints: nowhere });
  const directories = { probes: at('probes'), programs: at('programs') };
  const python = openPython({ ...directories, shell, archive, http, installer, environment, onLine });
  /** The real interpreter, which all rooms share. */
  const interpreter = (): Promise<Interpreter> => (found ??= python.find({ version: '3' }));
  const unpack = async (spec: WheelSpec, into: string): ReturnType<typeof python.unpackWheel> => {
    mkdirSync(at('wheels'), { recursive: true });
    const { path: wheel, filename, sha256 } = writeWheel(at('wheels'), spec);
    return python.unpackWheel({ wheel, filename, sha256, interpreter: await interpreter(), into });
  };
  return {
    path: directory.path,
    at,
    environment,
    shell,
    said,
    python,
    interpreter,
    /** Unpacks a wheel, which is kept in `wheels`; answers what is known of its files. */
    unpack,
    /** An environment in `name` with one wheel in it, and that wheel alone in `<name>-unpacked`. */
    async venvWith(name: string, spec: WheelSpec): Promise<string> {
      await python.writeVenv({ interpreter: await interpreter(), into: at(name) });
      await unpack(spec, at(`${name}-unpacked`));
      cpSync(at(`${name}-unpacked`), at(name), { recursive: true });
      return at(name);
    },
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
