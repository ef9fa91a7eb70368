import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

import { type Bench, checkout, type Ended, openDemo } from './rig.ts';
import { type Listing, targetListing } from './tree.ts';

type Entry = Readonly<Record<string, unknown>>;

/** A lockfile as it stands in a project. */
export interface Document {
  readonly nodes: readonly (Entry & { readonly name: string })[];
  readonly python: {
    readonly version: string;
    readonly platforms: readonly {
      readonly platform: string;
      readonly wheels: readonly (Entry & { readonly name: string })[];
    }[];
  };
  readonly [field: string]: unknown;
}

/** The lockfile that ships with the demo. */
export const shipped = JSON.parse(readFileSync(join(checkout, 'lockfiles/demo.lock.json'), 'utf8')) as Document;

/** The demo as it was at first: the palette without its texture, and so without the wheel that paints it. */
function earlier(cache: string): Document {
  const archive = readFileSync(join(sourcesIn(cache), 'registry/archives/demo-palette-1.0.0.zip'));
  const older = {
    version: '1.0.0',
    url: 'demo://registry/archives/demo-palette-1.0.0.zip',
    sha256: hash('sha256', archive),
    size: archive.length,
  };
  return {
    ...shipped,
    nodes: shipped.nodes.map((node) => (node.name === 'Demo-Palette' ? { ...node, ...older } : node)),
    python: {
      ...shipped.python,
      platforms: shipped.python.platforms.map((block) => ({
        ...block,
        wheels: block.wheels.filter(({ name }) => name !== 'demo-textures'),
      })),
    },
  };
}

/** The demo as it is when its noise is updated. */
function later(cache: string): Document {
  const repository = join(sourcesIn(cache), 'git/comfyui-demo-noise.git');
  const commit = execFileSync('git', ['-C', repository, 'rev-parse', 'v1.1.0^{commit}'], { encoding: 'utf8' }).trim();
  return {
    ...shipped,
    nodes: shipped.nodes.map((node) =>
      node.name === 'comfyui-demo-noise' ? { ...node, commit, ref: 'refs/tags/v1.1.0' } : node,
    ),
  };
}

const sourcesIn = (cache: string): string => {
  const made = join(cache, 'demo');
  return join(
    made,
    readdirSync(made).find((name) => name !== 'tmp')!,
  );
};

/** Something placed that is not as it was placed, as `--json` tells it. */
export interface Deviation {
  readonly slot: string;
  readonly path: string;
  readonly fault: string;
}

/** How a version stands, as `status --json` tells it. */
export interface Status {
  readonly id: string;
  readonly target: string;
  readonly last_run_at: string;
  readonly lockfile: { readonly is: string; readonly changes?: readonly Entry[] };
  readonly drift: readonly Deviation[];
  readonly strangers: readonly Entry[];
  readonly unfinished: boolean;
  readonly sizes: Readonly<Record<'shared' | 'own' | 'others', number>>;
}

/** The demo, for the tests of one file. */
export interface Living {
  /** A bench of this test's own, with the demo in its project; its cache is warm, its target is not there yet. */
  readonly bench: Bench;
  /** Where the warm cache was filled. */
  readonly warm: Bench;
  readonly earlier: Document;
  readonly later: Document;
  /** Makes this the project's lockfile. */
  relock(document: Document): void;
  /** Realizes the demo, which must go well; a document becomes the project's lockfile first. */
  realize(document?: Document, more?: readonly string[]): Promise<Ended>;
  /** `pipeline <words> --target <target>`. */
  say(...words: readonly string[]): Promise<Ended>;
  /** The same with `--json`, where that is one document. */
  json<T>(...words: readonly string[]): Promise<T>;
  status(): Promise<Status>;
  inTarget(path: string): string;
  /** What a person sees of a target: not our records, nor what Python leaves. */
  seen(): Listing;
  /** `.venv/lib/python3.11/site-packages/` of the target. */
  packages(): string;
}

/** Realizes the demo once for the file; copies the cache for each test. */
export function living(): Living {
  let warm: Bench;
  let bench: Bench;
  beforeAll(async () => {
    warm = openDemo();
    expect((await warm.realize('demo')).summary.ok).toBe(true);
  });
  afterAll(() => warm[Symbol.dispose]());
  beforeEach(() => {
    bench = openDemo({ cache: warm.cache });
  });
  afterEach(() => bench[Symbol.dispose]());
  const paths = () => Object.entries(targetListing(bench.target));
  const on: Living = {
    get bench() {
      return bench;
    },
    get warm() {
      return warm;
    },
    get earlier() {
      return earlier(warm.cache);
    },
    get later() {
      return later(warm.cache);
    },
    relock: (document) => bench.write({ 'lockfiles/demo.lock.json': document }),
    async realize(document, more) {
      if (document !== undefined) on.relock(document);
      const ended = await bench.realize('demo', more);
      expect(ended.summary.ok).toBe(true);
      return ended;
    },
    say: (...words) => bench.pipeline([...words, '--target', bench.target]),
    async json<T>(...words: readonly string[]) {
      const { stdout } = await on.say(...words, '--json');
      expect(stdout.trimEnd()).not.toContain('\n');
      return JSON.parse(stdout) as T;
    },
    async status() {
      const { versions } = await on.json<{ readonly versions: readonly [Status] }>('status', 'demo');
      expect(versions).toHaveLength(1);
      return versions[0];
    },
    inTarget: (path) => join(bench.target, path),
    seen: () => Object.fromEntries(paths().filter(([path]) => !/^\.pipeline\/|__pycache__/.test(path))),
    packages: () =>
      paths()
        .find(([path]) => path.endsWith('site-packages/demo_png/'))![0]
        .replace(/demo_png\/$/, ''),
  };
  return on;
}
