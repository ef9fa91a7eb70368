import type { Results, Store } from '#cache';
import type { Bundles, Report } from '#engine';

import { readBundle } from './read.ts';
import { writeBundle } from './write.ts';

/** The tool for bundles: what one version needs, in one file. */
export function openBundles(of: {
  readonly store: Store;
  readonly results: Results;
  readonly signal: AbortSignal;
  readonly report: Pick<Report, 'progress'>;
}): Bundles {
  let told = 0;
  const onProgress = (done: number, total: number): void => {
    const now = performance.now();
    if (now - told < everyMs && done < total) return;
    told = now;
    of.report.progress(done, total, 'bytes');
  };
  const bundling = { ...of, onProgress };
  return { write: (what) => writeBundle(what, bundling), read: (file) => readBundle(file, bundling) };
}

/** Progress is told at most this often, in milliseconds. */
const everyMs = 100;
