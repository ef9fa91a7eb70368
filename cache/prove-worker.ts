import { parentPort, workerData } from 'node:worker_threads';

import type { Digest } from './digest.ts';
import { openStore } from './disk-store.ts';

/** What a thread that reads a store is told when it is made. */
export interface ProvingOrder {
  readonly root: string;
}

/** What it says of each digest that it is sent: whether its bytes are true, and what was said of it. */
export interface Proven {
  readonly digest: Digest;
  readonly isTrue: boolean;
  readonly warnings: readonly string[];
}

// Loaded as the program of a thread, and by nobody else.
if (parentPort !== null) {
  const port = parentPort;
  const { root } = workerData as ProvingOrder;
  let warnings: string[] = [];
  const store = openStore({ root, warn: (text) => warnings.push(text) });
  const prove = async (digest: Digest): Promise<void> => {
    const isTrue = await store.proves(digest, { rehash: true, isUse: false });
    port.postMessage({ digest, isTrue, warnings } satisfies Proven);
    warnings = [];
  };
  port.on('message', (digest: Digest) => void prove(digest));
}
