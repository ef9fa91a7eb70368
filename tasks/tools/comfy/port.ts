import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import { Failed } from '#engine';

import { whoListens } from './listeners.ts';

/** A port of the loopback interface on which nobody listens now. */
export const freePort = async (): Promise<number> => listenOnce('127.0.0.1', 0);

/** Throws Failed (busy, with who is there; or refused) when nobody could listen at that place now. */
export async function assertFree(host: string, port: number): Promise<void> {
  try {
    await listenOnce(host, port);
  } catch (error) {
    throw unusable(error as NodeJS.ErrnoException, host, port);
  }
}

/** The failure of a port on which somebody else listens. */
export const taken = (port: number, holder: string | undefined): Failed =>
  new Failed({
    kind: 'busy',
    what: `Port ${port}`,
    holder: holder ?? 'another program',
    hint: 'end it, or choose another --port',
  });

async function listenOnce(host: string, port: number): Promise<number> {
  const server = createServer().listen({ host, port, exclusive: true });
  await once(server, 'listening');
  const { port: found } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return found;
}

function unusable(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const { code = '' } = error;
  if (code === 'EADDRINUSE') {
    const listeners = whoListens(host, port);
    return taken(port, listeners.who === 'stranger' ? listeners.process : undefined);
  }
  if (code === 'EACCES') return refused(`port ${port}`, 'this user may not listen there', 'choose a --port above 1023');
  if (['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(code))
    return refused(host, 'this machine has no such address', 'choose another --host');
  return error;
}

const refused = (what: string, because: string, hint: string): Failed =>
  new Failed({ kind: 'refused', what, because, hint });
