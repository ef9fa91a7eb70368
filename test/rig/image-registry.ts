import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { freePort } from './free-port.ts';

/** Whether the registry of Debian's package `docker-registry` is here. */
export const hasImageRegistry = spawnSync('docker-registry', ['--version']).status === 0;

/** A real registry of images on the loopback interface. */
export interface ImageRegistry extends AsyncDisposable {
  /** `127.0.0.1:5000` */
  readonly host: string;
  /** The requests it has answered, as `PUT /v2/...`, since the last look. */
  requests(): readonly string[];
}

/** Starts one; its directory and its process go when it is disposed of. */
export async function startImageRegistry(): Promise<ImageRegistry> {
  const directory = mkdtempSync(join(tmpdir(), 'registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(directory, 'config.yml');
  const settings = {
    version: '0.1',
    log: { level: 'info', formatter: 'json' },
    storage: { filesystem: { rootdirectory: join(directory, 'data') } },
    http: { addr: host },
  };
  writeFileSync(config, JSON.stringify(settings));
  const server = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  let asked: string[] = [];
  for (const stream of [server.stdout, server.stderr])
    createInterface(stream).on('line', (line) => {
      const [, request] = /"((?:GET|HEAD|POST|PUT|PATCH) \/v2\/\S*)/.exec(line.replaceAll('\\"', '"')) ?? [];
      if (request !== undefined) asked.push(request);
    });
  await answering(`http://${host}/v2/`, server);
  return {
    host,
    requests() {
      const before = asked;
      asked = [];
      return before;
    },
    async [Symbol.asyncDispose]() {
      if (server.kill('SIGKILL')) await once(server, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Waits until a server answers. Throws when it ends instead. */
async function answering(url: string, server: ChildProcess): Promise<void> {
  while (server.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`The registry ended with ${server.exitCode}`);
}
