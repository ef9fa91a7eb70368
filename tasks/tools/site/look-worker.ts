import { parentPort, workerData } from 'node:worker_threads';

import { lookOn, type Watch } from './portions.ts';

// Loaded as the program of a thread, and by nobody else.
if (parentPort !== null) lookOn(workerData as Watch);
