import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A server of one model, in a process of its own: `model-server.ts <bytes> <latency in ms> <bytes a second on a connection, 0 for any>`.
 * Its first line tells where it is and the SHA-256 of what it serves. It ends with its standard input.
 */
const [size = 0, latencyMs = 0, rate = 0] = process.argv.slice(2).map(Number);

/** The model is this block, over and over: a gigabyte of it needs no disk. */
const block = randomBytes(16 * 1024 * 1024);
const portion = 256 * 1024;

const server = createServer((request, response) => {
  const [, from = '', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const start = from === '' ? 0 : Number(from);
  const end = to === '' ? size : Number(to) + 1;
  setTimeout(() => {
    response.writeHead(from === '' ? 200 : 206, {
      etag: '"model"',
      'accept-ranges': 'bytes',
      'content-type': 'application/octet-stream',
      'content-length': end - start,
      ...(from === '' ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
    });
    send(response, start, end);
  }, latencyMs);
});

/** Sends a part, as fast as a connection may be. */
function send(response: ServerResponse, start: number, end: number): void {
  const began = performance.now();
  let at = start;
  const next = (): void => {
    while (at < end && !response.destroyed) {
      const offset = at % block.length;
      const length = Math.min(portion, end - at, block.length - offset);
      at += length;
      if (!response.write(block.subarray(offset, offset + length))) return void response.once('drain', later);
      if (earlyMs() > 1) return later();
    }
    response.end();
  };
  const earlyMs = (): number => (rate === 0 ? 0 : ((at - start) / rate) * 1000 - (performance.now() - began));
  const later = (): void => {
    if (earlyMs() > 1) setTimeout(next, earlyMs());
    else next();
  };
  next();
}

function digest(): string {
  const sum = createHash('sha256');
  for (let at = 0; at < size; at += block.length) sum.update(block.subarray(0, Math.min(block.length, size - at)));
  return sum.digest('hex');
}

if (latencyMs > 0)
  server.on('connection', (socket) => {
    // The handshake of a connection takes a round trip too.
    socket.pause();
    setTimeout(() => socket.resume(), latencyMs);
  });
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}/model.bin`, sha256: digest(), size })}\n`);
process.stdin.resume().on('end', () => process.exit(0));
