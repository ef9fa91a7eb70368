import { Failed } from '#engine';

import { freePort } from './port.ts';
import { untilReady } from './ready.ts';
import { type Launch, type Server, startServer } from './server.ts';

/** A free port may be another's before the server has it: then the next one is tried. */
const attempts = 3;

/**
 * Starts a server on the loopback interface, on a port that is free, and waits until it is ready. Whoever starts it stops
 * it. Throws Failed as `untilReady` does; what was started is stopped then.
 */
export async function startOnFreePort(
  launch: Omit<Launch, 'host' | 'port'>,
  {
    signal,
    withinMs,
    choosePort = freePort,
  }: { readonly signal: AbortSignal; readonly withinMs?: number; readonly choosePort?: () => Promise<number> },
): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const server = await startServer({ ...launch, host: '127.0.0.1', port: await choosePort() });
    try {
      await untilReady(server, { signal, ...(withinMs === undefined ? {} : { withinMs }) });
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      const isTaken = error instanceof Failed && error.failure.kind === 'busy';
      if (!isTaken || attempt === attempts) throw error;
    }
  }
}
