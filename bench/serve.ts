import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';

import { serveGit } from '../test/rig/git-server.ts';

/*
 * A program: serves `<root>/repositories` as git over HTTP and `<root>/files` as files, both near and, behind a long line, far.
 * Prints where, as JSON, and serves until its standard input ends: it does not outlive who started it.
 */
const [root = '', latencyMs = ''] = process.argv.slice(2);
const git = await serveGit(join(root, 'repositories'));
const files = await listening(createServer(sendFile));
const near = { git: new URL(git.url('x')).port, files: String(files) };
const far = { git: await farAway(near.git), files: await farAway(near.files) };
const origin = (port: string | number): string => `http://127.0.0.1:${port}`;
process.stdout.write(
  `${JSON.stringify({
    near: { git: origin(near.git), files: origin(near.files) },
    far: { git: origin(far.git), files: origin(far.files) },
  })}\n`,
);
process.stdin.on('end', () => process.exit()).resume();

async function listening(server: ReturnType<typeof createTcpServer | typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A file or the index of a directory, or one range of it. */
function sendFile({ method, url = '/', headers }: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(url, 'http://localhost');
  const path = join(root, 'files', decodeURIComponent(pathname), pathname.endsWith('/') ? 'index.html' : '');
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return void response.writeHead(404).end();
  const { size, mtimeMs } = stat;
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  const [start, end] = [Number(from ?? 0), to ? Math.min(Number(to), size - 1) : size - 1];
  const type = path.endsWith('.html') ? 'text/html' : 'application/octet-stream';
  response.writeHead(from === undefined ? 200 : 206, {
    'content-type': type,
    'accept-ranges': 'bytes',
    etag: `"${size}-${mtimeMs}"`,
    'content-length': end - start + 1,
    ...(from !== undefined && { 'content-range': `bytes ${start}-${end}/${size}` }),
  });
  if (method === 'HEAD' || end < start) response.end();
  else createReadStream(path, { start, end, highWaterMark: 1 << 20 }).pipe(response);
}

/** A port that leads to another one with half the latency in each direction, and all of it for the connection itself. */
function farAway(port: string): Promise<number> {
  const half = Number(latencyMs) / 2;
  const server = createTcpServer({ noDelay: true, allowHalfOpen: true }, (caller) => {
    const there = connect({ port: Number(port), host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    delayed(caller, there, { byMs: half, firstMs: half * 3 });
    delayed(there, caller, { byMs: half, firstMs: half });
  });
  return listening(server);
}

/** Passes on what comes, each piece as much later as the line is long; what is on its way is bounded. */
function delayed(
  from: Socket,
  to: Socket,
  { byMs, firstMs }: { readonly byMs: number; readonly firstMs: number },
): void {
  let waiting = 0;
  let earliest = performance.now() + firstMs;
  const acts: (() => void)[] = [];
  const later = (act: () => void): void => {
    const now = performance.now();
    earliest = Math.max(earliest, now + byMs);
    acts.push(act);
    // Timers of other lengths may overtake each other; what they do may not.
    setTimeout(() => acts.shift()!(), earliest - now);
  };
  from.on('data', (chunk) => {
    waiting += chunk.length;
    if (waiting > 8 << 20) from.pause();
    later(() => {
      waiting -= chunk.length;
      if (to.writable) to.write(chunk);
      if (waiting < 4 << 20) from.resume();
    });
  });
  from.on('end', () => later(() => to.end()));
  for (const socket of [from, to]) socket.on('error', () => [from, to].forEach((each) => each.destroy()));
}
