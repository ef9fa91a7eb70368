import { setTimeout as sleep } from 'node:timers/promises';

import { openMany } from '../test/rig/many.ts';

/*
 * A program: every service that a version of 30 nodes and 16 models asks, so many milliseconds away in each direction. Prints
 * the version twice, as JSON: as it is, and where the registry has to be asked for each pack by itself. Serves until its
 * standard input ends: it does not outlive who started it.
 */
const eachWayMs = Number(process.argv[2]);
const away = { there: () => sleep(eachWayMs), back: () => sleep(eachWayMs) };
const [together, singly] = [await openMany(away), await openMany({ ...away, atOnce: () => false })];
process.stdout.write(`${JSON.stringify({ together: together.version, singly: singly.version })}\n`);
process.stdin.on('end', () => process.exit()).resume();
