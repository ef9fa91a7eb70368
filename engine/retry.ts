import { type Failure, toFailure } from './failure.ts';

/** Attempts a network step has in all. */
export const attempts = 5;
/** The longest wait between two attempts, in milliseconds, unless the server asks for more. */
const longestWaitMs = 30_000;
/** The longest wait a server may ask for, in milliseconds. */
const longestAskedMs = 300_000;

interface Patience {
  readonly signal: AbortSignal;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onRetry: (attempt: number, failure: Failure, waitMs: number) => void;
}

/** Tries again what the network may give at a second attempt: transient failures only, waiting longer each time. */
export async function withRetries<T>(work: () => Promise<T>, { signal, wait, onRetry }: Patience): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (thrown) {
      const failure = toFailure(thrown);
      const hopeless = failure.kind !== 'network' || !failure.transient;
      if (hopeless || attempt === attempts || signal.aborted) throw thrown;
      const waitMs = waitFor(attempt, failure.retryAfterMs);
      onRetry(attempt + 1, failure, waitMs);
      await wait(waitMs, signal);
    }
  }
}

/** Half fixed, half random: many pods that failed together do not come back together. */
function waitFor(attempt: number, askedMs: number | undefined): number {
  if (askedMs !== undefined) return Math.min(askedMs, longestAskedMs);
  const full = Math.min(longestWaitMs, 1000 * 2 ** (attempt - 1));
  return Math.round(full / 2 + (Math.random() * full) / 2);
}
