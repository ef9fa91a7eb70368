const everyMs = 100;

/** Tells how far transfers are, at most ten times a second. */
export interface Meter {
  /** `done` of `total` bytes are here; `fetched` more of them came over the network. */
  moved(done: number, total: number | undefined, fetched: number): void;
  /** Tells what has not been told yet. */
  flush(): void;
}

/** A meter that reports to whoever listens. */
export function openMeter(listeners: {
  readonly onProgress?: ((done: number, total: number | undefined) => void) | undefined;
  readonly onFetched?: ((bytes: number) => void) | undefined;
}): Meter {
  let position: readonly [done: number, total: number | undefined] | undefined;
  let fetched = 0;
  let toldAt = -Infinity;
  const flush = (): void => {
    if (position) listeners.onProgress?.(...position);
    if (fetched > 0) listeners.onFetched?.(fetched);
    position = undefined;
    fetched = 0;
    toldAt = performance.now();
  };
  return {
    moved(done, total, bytes) {
      position = [done, total];
      fetched += bytes;
      if (performance.now() - toldAt >= everyMs) flush();
    },
    flush,
  };
}
