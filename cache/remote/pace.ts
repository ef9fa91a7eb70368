/** How slow a remote may be before it counts as dead. */
export interface Patience {
  /** Milliseconds without a byte going either way. */
  readonly silentMs: number;
  /** After this time, in milliseconds, ... */
  readonly graceMs: number;
  /** ... this many bytes must have gone for every second since the start. */
  readonly leastBytesPerSecond: number;
}

/** A remote on the other side of the world is used; one that trickles is not. */
export const usualPatience: Patience = { silentMs: 15_000, graceMs: 20_000, leastBytesPerSecond: 64 * 1024 };

/**
 * Runs one exchange, which tells of every byte that `moved`, and ends it when it goes too slowly. Rejects with what the
 * exchange threw, or with what was wrong with its pace. `signal` ends it too.
 */
export async function paced<T>(
  { silentMs, graceMs, leastBytesPerSecond }: Patience,
  signal: AbortSignal,
  exchange: (signal: AbortSignal, moved: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  const stopper = new AbortController();
  const began = performance.now();
  let [lastMoved, bytes] = [began, 0];
  const look = setInterval(
    () => {
      const now = performance.now();
      const isSlow = bytes > 0 && now - began > graceMs && bytes < ((now - began) / 1000) * leastBytesPerSecond;
      if (now - lastMoved >= silentMs) stopper.abort(new Error('It is silent'));
      else if (isSlow) stopper.abort(new Error('It is too slow'));
    },
    Math.min(1000, silentMs),
  );
  const stop = AbortSignal.any([signal, stopper.signal]);
  const stopped = Promise.withResolvers<never>();
  stop.addEventListener('abort', () => stopped.reject(stop.reason as Error));
  const moved = (more: number): void => {
    lastMoved = performance.now();
    bytes += more;
  };
  try {
    return await Promise.race([exchange(stop, moved), stopped.promise]);
  } finally {
    clearInterval(look);
  }
}
