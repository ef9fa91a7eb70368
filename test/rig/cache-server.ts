import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** How the server can fail whoever uses it. */
export type CacheFault =
  | { readonly fault: 'status'; readonly status: number }
  /** Answers before it has read what is sent, and hangs up. */
  | { readonly fault: 'refuse'; readonly status: number }
  | { readonly fault: 'silence' }
  | { readonly fault: 'reset' }
  /** Says the true length, and ends before it. */
  | { readonly fault: 'truncate'; readonly after: number }
  /** Sends so much, and then nothing. */
  | { readonly fault: 'stall'; readonly after: number }
  /** Sends other bytes, with their own true length. */
  | { readonly fault: 'lie'; readonly body: Buffer }
  | { readonly fault: 'no-length' }
  /** Does everything, and is then gone for good. */
  | { readonly fault: 'die' };

/** A remote cache on the loopback interface that keeps what is put, gone when it is disposed of. */
export interface CacheServer extends AsyncDisposable {
  readonly origin: string;
  /** By path, without the leading slash: `cas/<sha256>`. */
  readonly objects: Map<string, Buffer>;
  /** `PUT cas/<sha256>`, in the order in which they came. */
  readonly requests: readonly string[];
  /** Asked for every request: what goes wrong with it, if anything does. */
  fault: (request: { readonly method: string; readonly path: string }) => CacheFault | undefined;
}

/** Starts one on a free port. */
export async function startCacheServer(): Promise<CacheServer> {
  const objects = new Map<string, Buffer>();
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const end = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  const server = createServer((request, response) => {
    const [method, path] = [request.method ?? '', (request.url ?? '').slice(1)];
    requests.push(`${method} ${path}`);
    const fault = rig.fault({ method, path });
    if (fault?.fault === 'silence') return;
    if (fault?.fault === 'reset') return void request.socket.resetAndDestroy();
    if (fault?.fault === 'refuse') return void response.writeHead(fault.status, { connection: 'close' }).end('no');
    bodyOf(request, (body) => {
      if (fault?.fault === 'status') return void response.writeHead(fault.status).end('no');
      if (method === 'PUT') objects.set(path, body);
      answer(method, objects.get(path), response, fault);
      if (fault?.fault === 'die') response.on('finish', () => void end());
    });
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rig: CacheServer = { origin, objects, requests, fault: () => undefined, [Symbol.asyncDispose]: end };
  return rig;
}

function bodyOf(request: IncomingMessage, take: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => take(Buffer.concat(chunks)));
}

function answer(method: string, found: Buffer | undefined, response: ServerResponse, fault?: CacheFault): void {
  if (method === 'PUT') return void response.writeHead(201).end();
  const body = fault?.fault === 'lie' ? fault.body : found;
  if (body === undefined) return void response.writeHead(404).end('not here');
  if (fault?.fault === 'no-length') response.useChunkedEncodingByDefault = false;
  const length = fault?.fault === 'no-length' ? { connection: 'close' } : { 'content-length': body.length };
  response.writeHead(200, length);
  if (method === 'HEAD') response.end();
  else if (fault?.fault === 'truncate') response.write(body.subarray(0, fault.after), () => response.socket?.end());
  else if (fault?.fault === 'stall') response.write(body.subarray(0, fault.after));
  else response.end(body);
}
