import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { against, type Line, notHere } from './report.ts';
import type { Stopwatch } from './stopwatch.ts';
import { openWorld } from './world.ts';

const gibibyte = 1024 ** 3;

/** A model from a server beside us, and from one that is far away: against curl, and then sha256sum. */
export async function modelDownloads(stopwatch: Stopwatch): Promise<readonly Line[]> {
  if (spawnSync('curl', ['--version']).error !== undefined) return [notHere('model downloads', 'there is no curl')];
  const near = await compare(stopwatch, { what: 'model of 1 GiB, loopback', bytes: gibibyte, budget: 1 });
  const far = await compare(stopwatch, {
    what: 'model of 256 MiB, 50 ms away, 20 MB/s a connection',
    bytes: gibibyte / 4,
    latencyMs: 50,
    rate: 20_000_000,
    budget: 1 / 3,
  });
  return [near, far];
}

interface Setting {
  readonly what: string;
  readonly bytes: number;
  readonly latencyMs?: number;
  /** Bytes a second on one connection. */
  readonly rate?: number;
  readonly budget: number;
}

async function compare(stopwatch: Stopwatch, { what, bytes, latencyMs = 0, rate = 0, budget }: Setting): Promise<Line> {
  using world = openWorld();
  const server = spawn(process.execPath, [script('model-server.ts'), ...[bytes, latencyMs, rate].map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const { url, sha256 } = await firstLine(server);
    const to = join(world.root, 'model.bin');
    const before = (): void => rmSync(to, { force: true });
    const [curl, ours] = stopwatch.measure(
      [
        { name: 'curl, sha256sum', argv: ['sh', '-c', `curl -sSf -o '${to}' '${url}' && sha256sum '${to}'`], before },
        {
          name: 'ours',
          argv: [process.execPath, script('download.ts'), url, to, sha256, String(bytes)],
          before,
        },
      ],
      { runs: 5, warmUp: false },
    );
    return against(what, ours, curl, budget);
  } finally {
    server.kill();
  }
}

const script = (name: string): string => join(import.meta.dirname, name);

async function firstLine({ stdout }: ChildProcess): Promise<{ readonly url: string; readonly sha256: string }> {
  const [line] = (await once(stdout!, 'data')) as [Buffer];
  return JSON.parse(line.toString()) as { readonly url: string; readonly sha256: string };
}
