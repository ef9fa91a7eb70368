import { setImmediate } from 'node:timers/promises';

/** How long long work may keep the process to itself, in milliseconds: heartbeats and signals wait that long. */
const spell = 20;

let lastTurn = performance.now();

/** Called between two portions of long synchronous work: gives everything else a turn when it has waited long enough. */
export async function breathe(): Promise<void> {
  if (performance.now() - lastTurn < spell) return;
  await setImmediate();
  lastTurn = performance.now();
}
