import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { Claims } from './claims.ts';
import { bestEffort } from './disk-error.ts';
import {
  beat,
  claimPath,
  claimsIn,
  endIfGone,
  endLease,
  evict,
  findLease,
  type Found,
  holderIsGone,
  holderLives,
  holderOf,
  type Lease,
  takeLease,
} from './lease.ts';
import { openTemps, type Temps } from './temps.ts';

/** How claims are kept. Times are in milliseconds. */
export interface ClaimSettings {
  /** Below it there is one directory per claim that is held. Made when needed. */
  readonly directory: string;
  /** Told once when claims cannot be kept; the work is then done without. */
  readonly warn?: (text: string) => void;
  /** How long a waiter watches a lease stand still before it takes over. */
  readonly standStillMs?: number;
  /** How often a holder shows that it lives. */
  readonly beatMs?: number;
  /** How often a waiter looks. */
  readonly lookMs?: number;
}

/** Claims in a directory that processes, and machines, share. */
export function openClaims(settings: ClaimSettings): Claims {
  const { directory, standStillMs = 30_000, beatMs = 5_000, lookMs = 250 } = settings;
  const temps = openTemps(join(directory, 'tmp'));
  const told = sayOnce(settings.warn);
  let swept: Promise<void> | undefined;
  const sweep = async (): Promise<void> => {
    await temps.sweep();
    for (const claim of claimsIn(directory)) bestEffort(() => endIfGone(claim));
  };
  return {
    async hold(name, work, { signal } = {}) {
      await (swept ??= sweep().catch(told));
      const watch = watcher(standStillMs, lookMs);
      for (;;) {
        signal?.throwIfAborted();
        const turn = attempt(claimPath(directory, name), temps, told);
        if (turn.is !== 'held') return whileHolding(turn.lease, beatMs, work);
        if (watch(turn.found)) evict(turn.found);
        else await setTimeout(lookMs, undefined, { signal });
      }
    },
    async tryHold(name, work, { needs, signal, onWatch } = {}) {
      await (swept ??= sweep().catch(told));
      const watch = watcher(standStillMs, lookMs);
      let watched: string | undefined;
      for (;;) {
        signal?.throwIfAborted();
        const turn = attempt(claimPath(directory, name), temps, told, needs);
        if (turn.is !== 'held') return { held: true, value: await whileHolding(turn.lease, beatMs, work) };
        const { found } = turn;
        if (holderLives(found) || (watched !== undefined && watched !== found.file))
          return { held: false, by: holderOf(found) };
        if (watched === undefined) onWatch?.(holderOf(found));
        watched = found.file;
        if (watch(found)) evict(found);
        else await setTimeout(lookMs, undefined, { signal });
      }
    },
  };
}

/** `free` without a lease: claims cannot be kept here, and the work is done unclaimed. */
type Turn = { readonly is: 'free'; readonly lease: Lease | undefined } | { readonly is: 'held'; readonly found: Found };

function attempt(path: string, temps: Temps, told: (error: unknown) => void, needs?: string): Turn {
  try {
    for (;;) {
      const found = findLease(path);
      if (!found) {
        const lease = takeLease(path, temps, needs);
        if (lease) return { is: 'free', lease };
      } else if (holderIsGone(found)) evict(found);
      else return { is: 'held', found };
    }
  } catch (error) {
    told(error);
    return { is: 'free', lease: undefined };
  }
}

/**
 * Answers whether a lease has stood still for too long. Time counts by the looks that were taken: a machine that sleeps
 * sees no heartbeat, and must not hold that against the holder, who slept too.
 */
function watcher(standStillMs: number, lookMs: number): (found: Found) => boolean {
  let file = '';
  let still = 0;
  let looked = performance.now();
  return (found) => {
    const now = performance.now();
    still = found.file === file ? still + Math.min(now - looked, 2 * lookMs) : 0;
    [file, looked] = [found.file, now];
    return still >= standStillMs;
  };
}

async function whileHolding<T>(lease: Lease | undefined, beatMs: number, work: () => Promise<T>): Promise<T> {
  if (!lease) return work();
  const heart = setInterval(() => {
    // Taken over, because it stood still: the work goes on, and nobody depends on the claim.
    if (!beat(lease)) clearInterval(heart);
  }, beatMs).unref();
  try {
    return await work();
  } finally {
    clearInterval(heart);
    endLease(lease);
  }
}

function sayOnce(warn: ((text: string) => void) | undefined): (error: unknown) => void {
  let said = false;
  return (error) => {
    if (!said) warn?.(`Work is not claimed, and may be done twice: ${(error as Error).message}`);
    said = true;
  };
}
