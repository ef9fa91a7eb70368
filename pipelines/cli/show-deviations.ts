import type { Deviation } from '../../tasks/tools/site/examine.ts';

/** Paths that are listed for each part of a target; more are counted. */
const listed = 10;

/** What in a target is not as it was placed: a line for each part, and below it one for each path. */
export function showDeviations(deviations: readonly Deviation[]): readonly string[] {
  return [...Map.groupBy(deviations, ({ slot }) => slot)].flatMap(([slot, faults]) => {
    const counts = [...Map.groupBy(faults, ({ fault }) => fault)].map(([fault, those]) => `${those.length} ${fault}`);
    const width = Math.max(...faults.map(({ fault }) => fault.length));
    const lines = faults.slice(0, listed).map(({ fault, path }) => `  ${fault.padEnd(width)}  ${path}`);
    const more = faults.length > listed ? [`  and ${faults.length - listed} more`] : [];
    return [`${slot}: ${counts.join(', ')}`, ...lines, ...more];
  });
}
