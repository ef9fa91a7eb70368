import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, SHARE_ENV, Worker } from 'node:worker_threads';

/** What the other thread is asked for: a module (its URL) whose `run` is called with `order`, and where it says something of it. */
export interface Errand {
  readonly program: string;
  readonly order: unknown;
  readonly port: MessagePort;
}

/** What such a module exports. */
export type Run<Order, Said> = (order: Order, say: (said: Said) => void) => void;

let thread: Worker | undefined;

/** Whether another thread would have a core of its own. */
export const hasRoomBeside = (): boolean => availableParallelism() > 1;

/** Starts the second thread, where it has room, for whoever will ask it soon: that takes some time. */
export function readyBeside(): void {
  try {
    if (hasRoomBeside()) thread ??= start();
  } catch {
    // Who asks for it will do without.
  }
}

/**
 * Has the second thread of this process, which is started when it is first asked, run a module. Resolves when it does nothing of
 * that any more: it may have come late, failed, or never started. What it has not done is to be done by who asked.
 */
export async function beside(program: URL, order: unknown, hear: (said: unknown) => void = () => {}): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const ended = once(port1.on('message', hear), 'close');
  try {
    thread ??= start();
    thread.postMessage({ program: program.href, order, port: port2 } satisfies Errand, [port2]);
  } catch {
    port1.close();
  }
  await ended;
}

function start(): Worker {
  const program = new URL(
    import.meta.url.endsWith('.ts') ? './beside-worker.ts' : './beside-worker.js',
    import.meta.url,
  );
  const worker = new Worker(program, { env: SHARE_ENV });
  worker.on('error', () => undefined).once('exit', () => (thread = undefined));
  worker.unref();
  return worker;
}
