import type { Answer } from '../results.ts';
import { atMost } from './at-most.ts';

/** Answers on their way out, while the run goes on. */
export interface Uploads {
  readonly add: (answer: Answer) => void;
  /** Waits for those that were added, not for ever. Answers how many went since it was last asked, and how many are left. */
  readonly settle: () => Promise<{ readonly went: number; readonly left: number }>;
}

/** How uploads go. Times are in milliseconds. */
interface Ways {
  /** Sends one answer, and says whether it went. Rejects where this machine is at fault. */
  readonly send: (answer: Answer) => Promise<boolean>;
  /** Whether anything can be sent at all. */
  readonly isOpen: () => boolean;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
  /** Told before a wait, with how many are still on their way. */
  readonly onWait: (pending: number) => void;
}

/** How many are sent at once, and how many more may wait for that. */
const [mostAtOnce, mostWaiting] = [4, 10_000];

/** A queue of uploads. What is not sent is said once, at the end: it costs others time, and nobody anything else. */
export function openUploads({ send, isOpen, waitMs, signal, warn, onWait }: Ways): Uploads {
  const inTurn = atMost(mostAtOnce);
  const pending = new Set<Promise<void>>();
  const ended = { sent: 0, unsent: 0 };
  const goes = async (answer: Answer): Promise<void> => {
    const went = await inTurn(async () => isOpen() && !signal.aborted && (await send(answer))).catch(() => false);
    ended[went ? 'sent' : 'unsent']++;
  };
  return {
    add(answer) {
      if (pending.size >= mostAtOnce + mostWaiting) return void ended.unsent++;
      const going = goes(answer).finally(() => pending.delete(going));
      pending.add(going);
    },
    async settle() {
      if (pending.size > 0) onWait(pending.size);
      await atLongest(waitMs, signal, Promise.all(pending));
      const { sent, unsent } = ended;
      const missing = unsent + pending.size;
      const late = pending.size > 0 ? ' in time' : '';
      if (missing > 0 && !signal.aborted)
        warn(`did not get ${missing} of the ${missing + sent} results of this run${late}: others make them anew`);
      [ended.sent, ended.unsent] = [0, 0];
      return { went: sent, left: pending.size };
    },
  };
}

/** Waits for some work, but no longer than that, and not when nobody wants it any more. */
async function atLongest(ms: number, signal: AbortSignal, work: Promise<unknown>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  signal.addEventListener('abort', () => over.resolve(), { once: true });
  if (signal.aborted) over.resolve();
  try {
    await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
