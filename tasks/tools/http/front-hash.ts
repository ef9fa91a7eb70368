import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { extname } from 'node:path';
import type { Worker } from 'node:worker_threads';

import type { Order, Reply } from './hash-worker.ts';

/** The SHA-256 of a file that is being written, behind the front up to which it is there without a gap. */
export interface FrontHash {
  /** `chunk` was written at `at`; now the first `front` bytes are there. */
  wrote(chunk: Uint8Array, at: number, front: number): void;
  /** The hash of the first `size` bytes, which are there. */
  digest(size: number): Promise<string>;
  /** Lets go of the file: only then it may be closed. */
  end(): Promise<void>;
}

/** Hashes the open file `file` in this thread: what arrives in order without reading it back. */
export function hashHere(file: number): FrontHash {
  const hash = createHash('sha256');
  let at = 0;
  const readUpTo = (front: number): void => {
    const buffer = Buffer.allocUnsafe(Math.min(1024 * 1024, front - at));
    while (at < front) {
      const length = readSync(file, buffer, 0, Math.min(buffer.length, front - at), at);
      if (length === 0) throw new Error('The file is shorter than what was written to it');
      hash.update(buffer.subarray(0, length));
      at += length;
    }
  };
  return {
    wrote(chunk, from, front) {
      if (from === at) {
        hash.update(chunk);
        at += chunk.length;
      }
      if (at < front) readUpTo(front);
    },
    async digest(size) {
      if (at < size) readUpTo(size);
      return hash.digest('hex');
    },
    async end() {},
  };
}

/** The thread is told of so many new bytes at a time. */
const stride = 4 * 1024 * 1024;

/** Hashes the open file `file` in a thread that all files share: what was just written is read from memory there. */
export function hashBeside(file: number): FrontHash {
  const id = (lastId += 1);
  let told = 0;
  const tell = (to: number): void => {
    if (to <= told) return;
    told = to;
    // What goes wrong there is told when the hash is asked for.
    void thread().then(
      (open) => open.post({ id, type: 'grown', file, to }),
      () => undefined,
    );
  };
  const ask = async (type: 'end' | 'forget'): Promise<Reply> => (await thread()).ask({ id, type });
  let ended = false;
  return {
    wrote(_chunk, _at, front) {
      if (front - told >= stride) tell(front);
    },
    async digest(size) {
      tell(size);
      ended = true;
      const { sha256, error } = await ask('end');
      if (sha256 === undefined) throw error ?? new Error('The hash is not to be had');
      return sha256;
    },
    async end() {
      if (told > 0 && !ended) await ask('forget');
      ended = true;
    },
  };
}

interface Thread {
  post(order: Order): void;
  ask(order: Order): Promise<Reply>;
}

let lastId = 0;
let opened: Promise<Thread> | undefined;

/** The one thread of this process, started when it is first needed. It keeps nobody from ending. */
const thread = (): Promise<Thread> => (opened ??= openThread());

async function openThread(): Promise<Thread> {
  const { Worker } = await import('node:worker_threads');
  const waiting = new Map<number, PromiseWithResolvers<Reply>>();
  // What is published is JavaScript, beside this file as well.
  const worker: Worker = new Worker(new URL(`./hash-worker${extname(import.meta.url)}`, import.meta.url));
  worker.unref();
  worker.on('message', (reply: Reply) => {
    waiting.get(reply.id)?.resolve(reply);
    waiting.delete(reply.id);
    if (waiting.size === 0) worker.unref();
  });
  worker.on('error', (error) => {
    opened = undefined;
    for (const { reject } of waiting.values()) reject(error);
  });
  return {
    post: (order) => worker.postMessage(order, []),
    ask(order) {
      const answer = Promise.withResolvers<Reply>();
      waiting.set(order.id, answer);
      worker.ref();
      worker.postMessage(order, []);
      return answer.promise;
    },
  };
}
