import { parentPort } from 'node:worker_threads';

import type { Errand, Run } from './beside.ts';

// Loaded as the program of a thread, and by nobody else.
parentPort?.on('message', ({ program, order, port }: Errand) => {
  void (import(program) as Promise<{ readonly run: Run<unknown, unknown> }>)
    .then(({ run }) => run(order, (said) => port.postMessage(said)))
    .catch(() => undefined)
    .finally(() => port.close());
});
