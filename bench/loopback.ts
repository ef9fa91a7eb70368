import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';

/** Where the two servers are: `http://127.0.0.1:<port>`. */
export interface Origins {
  /** git: the name of a repository follows. */
  readonly git: string;
  /** Files: a path below `files` follows. */
  readonly files: string;
}

/** Servers in a process of their own, which goes when this is disposed of. */
export interface Loopback extends Disposable {
  readonly near: Origins;
  /** The same, 20 ms away. */
  readonly far: Origins;
}

/** The time that a question to a far server and its answer take on their way. */
const latencyMs = 20;

/** Serves what is below `root`, now and later: bare repositories in `repositories`, files in `files`. */
export async function openLoopback(root: string): Promise<Loopback> {
  for (const name of ['repositories', 'files']) mkdirSync(join(root, name), { recursive: true });
  const program = join(import.meta.dirname, 'serve.ts');
  const child = spawn(process.execPath, [program, root, String(latencyMs)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  // It serves as long as there is somebody to serve, and keeps nobody here.
  for (const held of [child, child.stdin as Socket, child.stdout as Socket]) held.unref();
  return { ...(JSON.parse(line.toString()) as Omit<Loopback, keyof Disposable>), [Symbol.dispose]: () => child.kill() };
}
