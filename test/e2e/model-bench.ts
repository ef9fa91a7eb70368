import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

import { type FileServer, startFileServer } from '../rig/file-server.ts';
import { type Bench, type Ended, openBench } from './rig.ts';
import { openWorld, type World } from './world.ts';

/** A model as it stands in a lockfile. */
interface Locked {
  readonly path: string;
  readonly sources: readonly string[];
  readonly sha256: string;
  readonly size: number;
  readonly md5?: string;
}

/** A bench for versions of a small core and models, with the services that models come from. What it fetches is models. */
export interface ModelBench {
  readonly world: World;
  readonly bench: Bench;
  readonly hub: FileServer;
  readonly civitai: FileServer;
  /** Where services keep bytes; it knows no tokens. */
  readonly cdn: FileServer;
  /** Writes the version `m` with these models, by their paths below `models/`. */
  ask(models: Readonly<Record<string, string | { readonly source: string; readonly checksum: string }>>): void;
  validate(more?: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  realize(): Promise<Ended>;
  lockText(): string;
  /** The locked models, by path. */
  locked(): Readonly<Record<string, Locked>>;
  /** A model's bytes in the target. */
  placed(path: string): Buffer;
  /** Where the services are, and the tokens for them. */
  services(): Readonly<Record<string, string>>;
}

/** What a lockfile pins of these bytes. */
export const pinOf = (body: Buffer): { readonly sha256: string; readonly size: number } => ({
  sha256: hash('sha256', body),
  size: body.length,
});

/** Opens a bench and services for each test of a file. */
export function modelBench(): ModelBench {
  let world: World;
  let warm: Bench;
  let bench: Bench;
  let servers: readonly FileServer[] = [];
  const versionOf = (models: readonly unknown[]): unknown => ({
    schema_version: 2,
    version_id: 'm',
    comfy: { repo: world.git.url('core') },
    models,
  });
  beforeAll(async () => {
    world = await openWorld();
    await world.commit('core', { 'main.py': 'print("core")\n' });
    warm = openBench();
    warm.write({ 'versions/m.json': versionOf([]) });
    const { exitCode, stdout } = await warm.pipeline(['validate', 'm']);
    if (exitCode !== 0) throw new Error(stdout);
  });
  afterAll(async () => {
    warm[Symbol.dispose]();
    await world[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    bench = openBench({ cache: warm.cache });
    servers = await Promise.all([startFileServer(), startFileServer(), startFileServer()]);
  });
  afterEach(async () => {
    bench[Symbol.dispose]();
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  });
  const services = () => ({
    HF_ENDPOINT: servers[0]!.origin,
    HF_TOKEN: 'canary-hf-token',
    CIVITAI_ENDPOINT: servers[1]!.origin,
    CIVITAI_TOKEN: 'canary-civitai-token',
  });
  const lockText = (): string => readFileSync(join(bench.project, 'lockfiles/m.lock.json'), 'utf8');
  return {
    get world() {
      return world;
    },
    get bench() {
      return bench;
    },
    get hub() {
      return servers[0]!;
    },
    get civitai() {
      return servers[1]!;
    },
    get cdn() {
      return servers[2]!;
    },
    ask(models) {
      const entries = Object.entries(models).map(([path, model]) => ({
        target_path: path,
        ...(typeof model === 'string' ? { source: model } : model),
      }));
      bench.write({ 'versions/m.json': versionOf(entries) });
    },
    validate: (more = [], env = {}) =>
      bench.pipeline(['validate', 'm', '--json', ...more], { env: { ...services(), ...env } }),
    realize: () => bench.realize('m', [], { env: services() }),
    lockText,
    locked() {
      const { models } = JSON.parse(lockText()) as { readonly models: readonly Locked[] };
      return Object.fromEntries(models.map((model) => [model.path, model]));
    },
    placed: (path) => readFileSync(join(bench.target, 'models', path)),
    services,
  };
}
