import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** How a server can fail its client. `after` counts bytes of the body. */
export type Fault =
  /** Says the true length, ends the connection before it. */
  | { readonly fault: 'truncate'; readonly after: number }
  /** Says no length; ends the body after all of it, or earlier. */
  | { readonly fault: 'no-length'; readonly after?: number }
  /** Never answers. */
  | { readonly fault: 'silence' }
  /** Goes silent for ever in the middle; without a length where asked. */
  | { readonly fault: 'stall'; readonly after: number; readonly lengthless?: true }
  /** Resets the connection, once `when` is settled. */
  | { readonly fault: 'reset'; readonly after: number; readonly when?: Promise<unknown> }
  | { readonly fault: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Sends a shorter or longer body, with its own true length. */
  | { readonly fault: 'wrong-length'; readonly length: number }
  /** Says another length than it has. */
  | { readonly fault: 'claimed-length'; readonly length: number }
  /** Announces its answer with a 103 before it answers. */
  | { readonly fault: 'early-hints' }
  | { readonly fault: 'ignore-range' }
  /** Answers a range with another one, moved by `by` bytes. */
  | { readonly fault: 'lying-range'; readonly by: number }
  /** Answers a range out of what is no longer the same file: the tag differs. */
  | { readonly fault: 'other-tag' }
  | { readonly fault: 'html'; readonly type?: string }
  | { readonly fault: 'redirect'; readonly to: string; readonly status?: number }
  /** Answers 401 to whoever does not send exactly this `Authorization`. */
  | { readonly fault: 'auth'; readonly authorization: string };

/** A file as it is served. Each request uses up one of `faults`; `always` applies to every request after them. */
export interface Served {
  readonly etag?: string | null;
  readonly type?: string;
  /** Sent besides with every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whoever does not send exactly this `Authorization` gets 401 and nothing else. */
  readonly authorization?: string;
  readonly faults?: readonly Fault[];
  readonly always?: Fault;
}

/** One request as it came in. `body` is what was posted. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A file server on the loopback interface, gone when it is disposed of. */
export interface FileServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly asked: readonly Asked[];
  /** Serves `body` at `path` (with its leading slash, without query) and answers its URL. */
  serve(path: string, body: string | Buffer, how?: Served): string;
}

/** Starts a file server on a free port. */
export async function startFileServer(): Promise<FileServer> {
  const files = new Map<string, { body: Buffer; how: Served; faults: Fault[] }>();
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '/';
      asked.push({
        method: request.method ?? '',
        path,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
      const file = files.get(path.split('?')[0] ?? '');
      if (file) return answer(request, response, file.body, file.how, file.faults.shift() ?? file.how.always);
      response.writeHead(404).end('not here');
    });
  });
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    asked,
    serve(path, body, how = {}) {
      files.set(path, { body: Buffer.from(body), how, faults: [...(how.faults ?? [])] });
      return origin + path;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, body: Buffer, how: Served, fault?: Fault): void {
  if (how.authorization !== undefined && request.headers.authorization !== how.authorization)
    return void response.writeHead(401, { 'x-error-code': 'GatedRepo' }).end('who are you?');
  for (const [name, value] of Object.entries(how.headers ?? {})) response.setHeader(name, value);
  const etag = how.etag === null ? {} : { etag: how.etag ?? `"${createHash('sha256').update(body).digest('hex')}"` };
  const type = { 'content-type': how.type ?? 'application/octet-stream' };
  if (fault?.fault === 'silence') return;
  if (fault && answerOtherwise(request, response, fault)) return;
  if (fault?.fault === 'wrong-length') {
    response.writeHead(200, { ...etag, ...type, 'content-length': fault.length }).end(Buffer.alloc(fault.length, body));
    return;
  }
  const range = fault?.fault === 'ignore-range' ? undefined : rangeIn(request.headers.range, body.length);
  const applies = request.headers['if-range'] === undefined || request.headers['if-range'] === etag.etag;
  const by = fault?.fault === 'lying-range' ? fault.by : 0;
  const start = range !== undefined && applies ? range.start + by : undefined;
  const rest = body.subarray(start ?? 0, start === undefined ? body.length : range?.end);
  const lengthless = fault?.fault === 'no-length' || (fault?.fault === 'stall' && fault.lengthless);
  if (fault?.fault === 'early-hints') response.writeEarlyHints({ link: '</style.css>; rel=preload' });
  // HTTP/1.0 style: without this, node would chunk a body that has no length, and chunks say when they are cut.
  if (lengthless) response.useChunkedEncodingByDefault = false;
  response.writeHead(start === undefined ? 200 : 206, {
    ...(fault?.fault === 'other-tag' ? { etag: '"another"' } : etag),
    ...type,
    ...(lengthless
      ? { connection: 'close' }
      : { 'content-length': fault?.fault === 'claimed-length' ? fault.length : rest.length }),
    ...(start === undefined ? {} : { 'content-range': `bytes ${start}-${start + rest.length - 1}/${body.length}` }),
  });
  send(response, rest, fault);
}

/** The bytes a header asks for: from one on, from one to another, or the last ones. */
function rangeIn(
  header: string | undefined,
  length: number,
): { readonly start: number; readonly end: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from === '') return { start: Math.max(0, length - Number(to)), end: length };
  return { start: Number(from), end: to === '' ? length : Number(to) + 1 };
}

/** Answers with something else than the file, where the fault says so. */
function answerOtherwise(request: IncomingMessage, response: ServerResponse, fault: Fault): boolean {
  if (fault.fault === 'status') response.writeHead(fault.status, fault.headers).end('no');
  else if (fault.fault === 'redirect') response.writeHead(fault.status ?? 302, { location: fault.to }).end('elsewhere');
  else if (fault.fault === 'html')
    response.writeHead(200, { 'content-type': fault.type ?? 'text/html; charset=utf-8' }).end(page);
  else if (fault.fault === 'auth' && request.headers.authorization !== fault.authorization)
    response.writeHead(401).end('who are you?');
  else return false;
  return true;
}

function send(response: ServerResponse, body: Buffer, fault: Fault | undefined): void {
  const { socket } = response;
  if (fault?.fault === 'truncate') response.write(body.subarray(0, fault.after), () => socket?.end());
  else if (fault?.fault === 'claimed-length') response.write(body);
  else if (fault?.fault === 'stall') response.write(body.subarray(0, fault.after));
  else if (fault?.fault === 'reset')
    response.write(body.subarray(0, fault.after), () => {
      void Promise.resolve(fault.when).then(() => socket?.resetAndDestroy());
    });
  else response.end(fault?.fault === 'no-length' ? body.subarray(0, fault.after ?? body.length) : body);
}

const page = '<!DOCTYPE html><title>Sign in</title><p>You need to sign in to download this file.</p>';
