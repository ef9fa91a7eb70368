import { readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';

import { type Witness, witness } from '../witness.ts';
import { layoutOf } from './layout.ts';
import { portionsOf, type Watch } from './portions.ts';
import { filesOf } from './slot-files.ts';

/** The slot whose files are looked at on another core, and by their directories: tens of thousands that nobody edits. */
export const packages = 'wheels';

/** A thread that looks at the installed packages of a target while this one does what comes first. */
export interface Lookout {
  readonly target: string;
  readonly watch: Watch;
  /** The receipt that it looks by, as it was before the first look: by any other one it has seen nothing. */
  readonly receipt: readonly Witness[];
}

/** From this size on, in bytes, a listing names so many files that a thread, which takes its time to start, is worth it. */
const worthIt = 1024 * 1024;

/**
 * Begins to look at the packages of a target (an absolute path). Undefined where there are few of them, no other core, or
 * nothing that could be looked by: then all of them are looked at when somebody asks.
 */
export function openLookout(target: string): Lookout | undefined {
  const { receipts } = layoutOf(target);
  const { head, listing } = filesOf(packages);
  const file = join(receipts, listing);
  try {
    const receipt = [head, listing].map((name) => witness(join(receipts, name)));
    const { size } = statSync(file);
    if (size < worthIt || availableParallelism() === 1) return undefined;
    const { base } = JSON.parse(readFileSync(join(receipts, head), 'utf8')) as { readonly base: string };
    const states = new Int32Array(new SharedArrayBuffer(4 * portionsOf(size)));
    const watch = { file, base: join(target, base), states };
    begin(watch);
    return { target, watch, receipt };
  } catch {
    return undefined;
  }
}

/** Whoever asks does what this thread has not done: one that cannot start, or that ends early, costs only time. */
function begin(watch: Watch): void {
  const program = new URL(import.meta.url.endsWith('.ts') ? './look-worker.ts' : './look-worker.js', import.meta.url);
  new Worker(program, { workerData: watch, env: SHARE_ENV }).on('error', () => undefined).unref();
}
