import { join } from 'node:path';

import { sha256Of } from '#cache';
import type { BuildTool, Http, Interpreter, PinnedSource, PinnedWheel } from '#engine';

import { unpackWheel } from '../python/unpack.ts';
import type { Bench } from '../python/wheel.ts';
import { openCatalogue, type Indexes } from './catalogue.ts';
import { choose, type Means } from './choose.ts';
import { findSolver } from './find-solver.ts';
import { inspect, type Inspected } from './inspect.ts';
import type { ListedFile } from './index-page.ts';
import type { Offer } from './offer.ts';
import { rootOf } from './root.ts';
import type { Solver } from './solver.ts';
import { markersOf, type Target } from './target.ts';
import { metadataOf } from './wheel-metadata.ts';

/** What resolving works with. `programs` is the directory in which a solver of our own is kept. */
export interface Seams extends Bench {
  readonly http: Http;
  readonly programs: string;
}

/** One resolution at work: what it was told by indexes and by sources, each asked once. */
export interface Session {
  readonly means: Means;
  /** What a source on this machine says of itself. */
  inspect(source: { readonly path: string; readonly subdirectory?: string }, called: string): Promise<Inspected>;
  /** The same of a source archive of an index, pinned. */
  source(file: ListedFile): Promise<Inspected & { readonly pinned: PinnedSource }>;
  /** A wheel of an index, pinned; one that the index does not hash is fetched for that. */
  wheel(file: ListedFile): Promise<PinnedWheel>;
  /** The wheels that building takes, pinned. */
  tools(requires: readonly string[], building: Building): Promise<readonly BuildTool[]>;
}

/** What is built, and for whom. Versions that are `kept` are taken where they can be. */
interface Building {
  readonly called: string;
  readonly target: Target;
  readonly kept: ReadonlyMap<string, string>;
}

/** Opens a session. What it fetches meanwhile goes below `scratch`. */
export function openSession(
  {
    interpreter,
    indexes,
    scratch,
  }: { readonly interpreter: Interpreter; readonly indexes: Indexes; readonly scratch: string },
  { http, programs, ...bench }: Seams,
): Session {
  const catalogue = openCatalogue(indexes, http);
  const { archive, shell, environment } = bench;
  const yard = { shell, environment, interpreter };
  const here: Target = { platform: interpreter.platform, python: interpreter.version };
  const fetch = once(async ({ url, reach, sha256 }) => {
    const path = join(scratch, sha256Of(url));
    return { path, ...(await http.download({ from: [reach], to: path, ...(sha256 === undefined ? {} : { sha256 }) })) };
  });
  const unpack = once(async (file) => {
    const { path: wheel, sha256 } = await fetch(file);
    const into = `${wheel}-unpacked`;
    await unpackWheel({ wheel, filename: file.filename, sha256, interpreter, into }, bench);
    return into;
  });
  let solver: Promise<Solver> | undefined;
  const means: Means = {
    catalogue,
    scratch,
    solver: () =>
      (solver ??= findSolver(interpreter, {
        shell,
        environment,
        fetching: { catalogue, http, archive, directory: programs },
      })),
    metadata: async ({ file, isSource }) =>
      isSource ? (await session.source(file)).metadata : metadataOf(file, { http, whole: fetch }),
  };
  const toolsFor = async (
    requires: readonly string[],
    { called, target, kept }: Building,
  ): Promise<readonly Offer[]> => {
    const roots = requires.flatMap((line) => rootOf({ line, where: `building ${called}` }, markersOf(target)) ?? []);
    const { offers } = await choose({ target, roots, overrides: [], held: new Map(), kept, mayBuild: false }, means);
    return [...offers.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  };
  const session: Session = {
    means,
    async inspect(source, called) {
      const trees = async (requires: readonly string[]): Promise<readonly string[]> => {
        const tools = await toolsFor(requires, { called, target: here, kept: new Map() });
        return Promise.all(tools.map(({ file }) => unpack(file)));
      };
      return inspect(source, { ...yard, scratch, called, trees });
    },
    source: once(async (file) => {
      const { path, sha256, size } = await fetch(file);
      return { ...(await session.inspect({ path }, file.filename)), pinned: { url: file.url, sha256, size } };
    }),
    async wheel(file) {
      const { url, filename } = file;
      const { sha256, size } = file.sha256 === undefined ? await fetch(file) : { ...file, sha256: file.sha256 };
      return { url, filename, sha256, ...(size === undefined ? {} : { size }) };
    },
    async tools(requires, building) {
      const tools = await toolsFor(requires, building);
      return Promise.all(
        tools.map(async ({ name, version, file }) => ({ name, version, ...(await session.wheel(file)) })),
      );
    },
  };
  return session;
}

/** Asks the same of a file but once. */
function once<A>(ask: (file: ListedFile) => Promise<A>): (file: ListedFile) => Promise<A> {
  const answers = new Map<string, Promise<A>>();
  return (file) => {
    const known = answers.get(file.url) ?? ask(file);
    answers.set(file.url, known);
    return known;
  };
}
