import { createHash, type Hash } from 'node:crypto';
import { readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

/**
 * What the thread that hashes is told of file `id`: its first `to` bytes are there now (in the open file `file`), its hash is
 * wanted, or it is of no interest any more. The last two are answered.
 */
export type Order = { readonly id: number } & (
  | { readonly type: 'grown'; readonly file: number; readonly to: number }
  | { readonly type: 'end' | 'forget' }
);

/** The answer: hex SHA-256, or what the disk said. */
export interface Reply {
  readonly id: number;
  readonly sha256?: string;
  readonly error?: Error;
}

interface Reading {
  readonly hash: Hash;
  at: number;
  error?: Error;
}

const readings = new Map<number, Reading>();
const buffer = Buffer.allocUnsafe(1024 * 1024);

parentPort?.on('message', (order: Order) => {
  const { id } = order;
  if (order.type === 'grown') {
    const reading = readings.get(id) ?? { hash: createHash('sha256'), at: 0 };
    readings.set(id, reading);
    return read(reading, order);
  }
  const reading = readings.get(id);
  readings.delete(id);
  const isWanted = order.type === 'end' && reading?.error === undefined;
  const reply: Reply = {
    id,
    ...(isWanted && reading !== undefined && { sha256: reading.hash.digest('hex') }),
    ...(reading?.error !== undefined && { error: reading.error }),
  };
  parentPort?.postMessage(reply, []);
});

function read(reading: Reading, { file, to }: Extract<Order, { type: 'grown' }>): void {
  try {
    while (reading.error === undefined && reading.at < to) {
      const length = readSync(file, buffer, 0, Math.min(buffer.length, to - reading.at), reading.at);
      if (length === 0) throw new Error('The file is shorter than what was written to it');
      reading.hash.update(buffer.subarray(0, length));
      reading.at += length;
    }
  } catch (error) {
    reading.error = error instanceof Error ? error : new Error(String(error));
  }
}
