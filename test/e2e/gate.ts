import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of one file that sends half of it, and the rest when it is told. Gone when it is disposed of. */
export interface Gate extends AsyncDisposable {
  readonly url: string;
  /** Resolves when somebody has got the first half. */
  readonly asked: Promise<void>;
  /** Sends the rest to whoever waits, and from now on everything at once. */
  open(): void;
}

/** Starts one on a free port. */
export async function openGate(body: Buffer): Promise<Gate> {
  const { promise: asked, resolve: reached } = Promise.withResolvers<void>();
  const waiting = new Set<ServerResponse>();
  const half = Math.floor(body.length / 2);
  let isOpen = false;
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, half), () => reached());
    if (isOpen) return response.end(body.subarray(half));
    return waiting.add(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.safetensors`,
    asked,
    open() {
      isOpen = true;
      for (const response of waiting) response.end(body.subarray(half));
      waiting.clear();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
