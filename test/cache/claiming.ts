import { join } from 'node:path';
import { expect } from 'vitest';

import { openClaims, sha256Of } from '#cache';

import { type Child, lay, startChild } from './rig.ts';

/** What is claimed. */
export const name = 'key of a step';
/** Never, as far as a test is concerned. */
export const never = 3_600_000;

/** Claims that take nothing over from anybody who may live. */
export const patient = (directory: string) => openClaims({ directory, lookMs: 2, standStillMs: never });
/** Claims that soon do. */
export const hasty = (directory: string) => openClaims({ directory, lookMs: 2, standStillMs: 20 });
/** Where the lease of `name` is. */
export const leaseIn = (directory: string): string => join(directory, sha256Of(name));

/** Starts a process that holds `what`. */
export async function startHolder(
  directory: string,
  beatMs = never,
  under: readonly string[] = [],
  what = name,
): Promise<Child> {
  const child = startChild('claimer.ts', { directory, name: what, beatMs }, under);
  expect(await child.next()).toBe('held');
  return child;
}

/** A lease as another machine would have left it; answers its path without the counter, which is 3. */
export function leaseOfAnotherMachine(directory: string, card: object = {}): string {
  const known = {
    host: 'pod-7',
    boot: '0a1b2c3d',
    space: '4026531836',
    pid: 1,
    start: '77',
    since: '2026-11-20T12:00:00Z',
  };
  lay(leaseIn(directory), { '00112233aabbccdd.3': JSON.stringify({ ...known, ...card }) });
  return join(leaseIn(directory), '00112233aabbccdd');
}
