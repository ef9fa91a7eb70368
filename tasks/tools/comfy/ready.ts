import { setTimeout as sleep } from 'node:timers/promises';

import { Failed } from '#engine';

import { type Asking, askJson } from './ask.ts';
import { whoListens } from './listeners.ts';
import { taken } from './port.ts';
import type { Server } from './server.ts';

/** Between two looks, in milliseconds. */
const everyMs = 100;

/**
 * Waits until the server that answers `/system_stats` is the one that was started, and no other. Throws Failed: busy when
 * a stranger is there, command when the server ends or says nothing for `withinMs`; aborts as `signal` says.
 */
export async function untilReady(
  server: Server,
  { signal, withinMs }: { readonly signal: AbortSignal; readonly withinMs?: number },
): Promise<void> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  // Whoever has an answer already does not want to hear of this.
  over.catch(() => {});
  const late = withinMs === undefined ? undefined : setTimeout(() => reject(tooLate(server, withinMs)), withinMs);
  void server.ended.then((exitCode) =>
    reject(died(server, exitCode, 'it ended before it was ready: see what it said')),
  );
  try {
    while (!(await Promise.race([isReady(server, signal), over])))
      await Promise.race([sleep(everyMs, undefined, { signal }), over]);
  } finally {
    clearTimeout(late);
  }
}

async function isReady(server: Server, signal: AbortSignal): Promise<boolean> {
  const listeners = whoListens(new URL(server.origin).hostname.replace(/^\[|\]$/g, ''), server.port, server.pid);
  if (listeners.who === 'stranger') throw taken(server.port, listeners.process);
  if (listeners.who === 'nobody') return false;
  const stats = await statsOf(server.origin, { signal });
  if (stats === undefined) return false;
  if (listeners.who === 'ours' || wasStartedAs(server, stats)) return true;
  throw taken(server.port, undefined);
}

/** What the server says of itself; undefined while it says nothing. */
async function statsOf(origin: string, asking: Asking): Promise<unknown> {
  try {
    const { status, body } = await askJson(origin, { path: '/system_stats' }, asking);
    return status === 200 ? body : undefined;
  } catch (error) {
    if (error instanceof Failed && error.failure.kind === 'network') return undefined;
    throw error;
  }
}

/** Where the system does not say who listens: a server tells the command line it was started with. */
function wasStartedAs({ main, port }: Server, stats: unknown): boolean {
  const { argv } = (stats as { readonly system?: { readonly argv?: unknown } }).system ?? {};
  return Array.isArray(argv) && argv[0] === main && argv[argv.indexOf('--port') + 1] === String(port);
}

/** The failure of a server that ended by itself, with the last it said. */
export const died = ({ main, output }: Server, exitCode: number | null, hint: string): Failed =>
  new Failed({ kind: 'command', command: main, exitCode, output: [...output], hint });

/** It will be stopped, which is how it ends. */
const tooLate = (server: Server, ms: number): Failed =>
  died(server, null, `it was not ready within ${ms / 1000} s: give it more with --timeout`);
