import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Asking } from './ask.ts';
import { cancelPrompt, executedPrompt, type QueuedGraph, queuePrompt } from './client.ts';
import { listen, type Message } from './messages.ts';
import type { Executed } from './record.ts';

/** How long a server may take to hear that a prompt is not wanted any more, in milliseconds. */
const cancelMs = 5_000;

/** How long the last messages about a prompt that has ended may take, in milliseconds. */
const messagesMs = 2_000;

/**
 * Queues a workflow and follows it to its end; `hear` is told how far it is. Answers the
 * record that the server keeps, which may be one of a failure. A prompt that is aborted is taken back.
 */
export async function executeGraph(
  origin: string,
  what: Omit<QueuedGraph, 'client'>,
  { signal, hear }: Asking & { readonly hear: (message: Message) => void },
): Promise<{ readonly prompt: string; readonly record: Executed }> {
  const { promise: over, resolve: end, reject } = Promise.withResolvers<void>();
  // Who has not come to wait for it yet will be told by what is asked then.
  over.catch(() => {});
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const client = randomUUID();
  let prompt: string | undefined;
  try {
    using listening = await listen(origin, client, (message) => (message.type === 'ended' ? end() : hear(message)));
    prompt = await queuePrompt(origin, { ...what, client }, { signal });
    const heard = Promise.race([over, listening.closed]);
    const record = await executedPrompt(origin, prompt, { signal, soon: heard });
    // The record may be there before the last messages are: what they tell of the nodes is waited for.
    await Promise.race([heard, sleep(messagesMs, undefined, { ref: false })]);
    return { prompt, record };
  } catch (error) {
    if (signal.aborted && prompt !== undefined) await abandon(origin, prompt);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A server that does not listen any more has nothing to take back. */
const abandon = async (origin: string, prompt: string): Promise<void> =>
  cancelPrompt(origin, prompt, { signal: AbortSignal.timeout(cancelMs) }).catch(() => undefined);
