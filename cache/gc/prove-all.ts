import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import type { Digest } from '../digest.ts';
import type { Proven, ProvingOrder } from '../prove-worker.ts';

/** An object that is to be read, and how large it is, in bytes. */
export interface Sized {
  readonly digest: Digest;
  readonly bytes: number;
}

interface Manner {
  readonly root: string;
  /** At most so many threads. */
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Hears of each object as it has been read. */
  readonly onProven: (proven: Proven, size: Sized) => void;
}

/** One thread for so many bytes: for fewer, starting it takes longer than reading. */
const worthAThread = 32_000_000;

/**
 * Reads objects of the store at `root` again, in threads of their own, the largest first; what is damaged goes to quarantine.
 * Answers those that are not true. Rejects when the signal is aborted.
 */
export async function proveAll(objects: readonly Sized[], manner: Manner): Promise<readonly Proven[]> {
  const left = objects.toSorted((a, b) => b.bytes - a.bytes).values();
  const total = objects.reduce((sum, { bytes }) => sum + bytes, 0);
  const count = Math.max(1, Math.min(manner.threads, objects.length, Math.ceil(total / worthAThread)));
  const damaged: Proven[] = [];
  const readers = Array.from({ length: count }, async () => readAll(left, manner, damaged));
  await Promise.all(readers);
  return damaged.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
}

async function readAll(left: Iterator<Sized>, { root, signal, onProven }: Manner, damaged: Proven[]): Promise<void> {
  const worker = new Worker(program, { workerData: { root } satisfies ProvingOrder });
  try {
    for (let next = left.next(); next.done !== true; next = left.next()) {
      signal.throwIfAborted();
      worker.postMessage(next.value.digest, []);
      // A thread that dies says so here.
      const [proven] = (await once(worker, 'message', { signal })) as [Proven];
      if (!proven.isTrue) damaged.push(proven);
      onProven(proven, next.value);
    }
  } finally {
    await worker.terminate();
  }
}

/** Beside this file in a checkout; in what is published, a file of its own beside the one that this is in. */
const program = new URL(import.meta.url.endsWith('.ts') ? '../prove-worker.ts' : './prove-worker.js', import.meta.url);
