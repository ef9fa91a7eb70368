import { findGround } from './ground.ts';
import type { Line } from './report.ts';

/** What the first realize of all takes at most, whichever of its processes is the largest. */
export async function peakMemory(): Promise<readonly Line[]> {
  const { peakBytes } = await findGround();
  const megabytes = peakBytes / 2 ** 20;
  const measured = `${megabytes.toFixed(0)} MB in its largest process`;
  return [{ what: 'peak memory of a cold realize', measured, figure: megabytes, unit: 'MB', budget: 250, runs: 1 }];
}
