import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { test } from 'vitest';

import { describe as inWords, Failed, type Failure, type Python } from '#engine';
import { pipFor } from '../../tasks/tools/python/pip.ts';
import { type PackageIndex, startPackageIndex } from '../rig/package-index.ts';
import { pythonRoom } from '../rig/python.ts';
import type { WheelSpec } from '../rig/wheels.ts';

type Wanted = Parameters<Python['resolve']>[0];
type Closure = Awaited<ReturnType<Python['resolve']>>;

/** Requirement lines by where they are: `{ 'core/requirements.txt:1': 'numpy>=2' }`. */
export type Lines = Readonly<Record<string, string>>;

/** How one resolution differs from the usual. */
export interface Change extends Partial<Omit<Wanted, 'overrides' | 'lines' | 'scratch' | 'interpreter'>> {
  readonly overrides?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A world in which packages come from the loopback interface alone. */
export interface World extends AsyncDisposable {
  readonly index: PackageIndex;
  /** What solvers and builders said. */
  readonly said: readonly string[];
  resolve(lines: Lines, change?: Change): Promise<Closure>;
  /** `name version` of everything. */
  versions(lines: Lines, change?: Change): Promise<readonly string[]>;
  failure(lines: Lines, change?: Change): Promise<Failure>;
  /** A failure as a person reads it. */
  words(lines: Lines, change?: Change): Promise<string>;
}

/** Who chooses versions. */
export type Who = 'uv' | 'pip';

const uv = [
  process.env['UV'] ?? '',
  ...(process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'uv')),
].find(works);

function works(program: string): boolean {
  try {
    return program !== '' && execFileSync(program, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] }).length > 0;
  } catch {
    return false;
  }
}

let pip: Promise<boolean> | undefined;

/** Why somebody cannot choose here, or nothing. */
export async function absenceOf(who: Who): Promise<string | undefined> {
  if (who === 'uv') return uv === undefined ? 'there is no uv on this machine: name one in UV' : undefined;
  using room = pythonRoom();
  pip ??= pipFor(await room.interpreter(), room).then(
    () => true,
    () => false,
  );
  return (await pip) ? undefined : 'there is no pip 22.3 or newer on this machine';
}

/** A test in a world of its own, with uv where there is one, else with pip; `each` of them where that is the point. */
export function inWorld(
  name: string,
  run: (world: World) => Promise<void>,
  { each = false, ...how }: { readonly each?: boolean; readonly format?: 'json' | 'html' } = {},
): void {
  const whos: readonly Who[] = each ? ['uv', 'pip'] : [uv === undefined ? 'pip' : 'uv'];
  // oxlint-disable-next-line vitest/expect-expect -- whoever calls this expects.
  test.for(whos)(`${name} (%s)`, async (who, { skip }) => {
    const absence = await absenceOf(who);
    if (absence !== undefined) return skip(absence);
    await using world = await openWorld(who, how);
    await run(world);
  });
}

/** Opens a world in which `who` chooses. */
export async function openWorld(
  who: Who,
  { format = 'json' }: { readonly format?: 'json' | 'html' } = {},
): Promise<World> {
  const index = await startPackageIndex({ format });
  // What the user configured must not matter when an index is named.
  const configured = {
    PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
    PIP_FIND_LINKS: '/nowhere',
    UV_INDEX_URL: '',
    PIP_NO_INDEX: '1',
  };
  const rooms: ReturnType<typeof pythonRoom>[] = [];
  const roomWith = (environment: Readonly<Record<string, string>>): ReturnType<typeof pythonRoom> => {
    const room = pythonRoom({ environment: { ...configured, UV: who === 'uv' ? uv! : '', ...environment } });
    rooms.push(room);
    return room;
  };
  const usual = roomWith({});
  const resolve: World['resolve'] = async (lines, { overrides = [], environment, ...change } = {}) => {
    const room = environment === undefined ? usual : roomWith(environment);
    return room.python.resolve({
      lines: Object.entries(lines).map(([where, line]) => ({ where, line })),
      overrides: overrides.map((line) => ({ where: 'python.overrides', line })),
      kept: [],
      interpreter: await room.interpreter(),
      platform: 'linux-x86_64',
      indexUrl: index.url,
      scratch: mkdtempSync(room.at('scratch-')),
      ...change,
    });
  };
  const failure: World['failure'] = (lines, change) =>
    resolve(lines, change).then(
      () => Promise.reject(new Error('It was resolved')),
      (error: unknown) => (error instanceof Failed ? error.failure : Promise.reject(error)),
    );
  return {
    index,
    get said() {
      return rooms.flatMap(({ said }) => said);
    },
    resolve,
    versions: async (lines, change) =>
      (await resolve(lines, change)).packages.map(({ name, version }) => `${name} ${version}`),
    failure,
    async words(lines, change) {
      const { message, hint } = inWords(await failure(lines, change));
      return hint === undefined ? message : `${message}\nhint: ${hint}`;
    },
    async [Symbol.asyncDispose]() {
      for (const room of rooms) room[Symbol.dispose]();
      await index[Symbol.asyncDispose]();
    },
  };
}

/** A wheel that asks for others. */
export const lib = (name: string, version: string, ...requires: readonly string[]): WheelSpec => ({
  name,
  version,
  requires,
});

/** An app with two libraries, one of which has an extra; a rival that wants another version. */
export function stock({ index }: World): void {
  index.wheel(
    lib(
      'app',
      '1.0',
      'lib_one>=1',
      'lib-two[fast]; python_version >= "3"',
      'not-needed; extra == "never"',
      'other; python_version < "3"',
    ),
  );
  index.wheel(lib('lib_one', '1.0'), { metadata: true });
  index.wheel(lib('lib_one', '2.0'));
  index.wheel(lib('lib_two', '1.0', 'lib_one<2', 'speed; extra == "fast"', 'lib-one; extra == "slow"'));
  index.wheel(lib('speed', '3.0'));
}
