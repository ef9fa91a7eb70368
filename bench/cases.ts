import { added } from './add.ts';
import { jobs } from './ci.ts';
import { cold } from './cold.ts';
import { engineOverhead } from './engine.ts';
import { growth } from './growth.ts';
import { peakMemory } from './memory.ts';
import { modelDownloads } from './models.ts';
import { warmRealized } from './realized.ts';
import type { Line } from './report.ts';
import { restored } from './restore.ts';
import { second } from './second.ts';
import type { Stopwatch } from './stopwatch.ts';
import { switched } from './switch.ts';
import { warmTrivial } from './trivial.ts';
import { validated } from './validated.ts';

/** Something to be measured: answers lines with their budgets. */
export type Case = (stopwatch: Stopwatch) => Promise<readonly Line[]> | readonly Line[];

/** Every case, by the name that selects it. */
export const cases: Readonly<Record<string, Case>> = {
  engine: engineOverhead,
  trivial: warmTrivial,
  realized: warmRealized,
  cold,
  switch: switched,
  second,
  restore: restored,
  ci: jobs,
  add: added,
  memory: peakMemory,
  growth,
  models: modelDownloads,
  validate: validated,
};
