import { writeSync } from 'node:fs';

import type { Begun, main } from './main.ts';
import { findRepeat } from './repeat.ts';

/**
 * Runs the command line of this process and answers its exit code. The only reader of arguments and environment. What has
 * nothing to do is told to programs before anything else is loaded; `load` answers the rest.
 */
export async function start(load: () => Promise<{ readonly main: typeof main }>): Promise<number> {
  // In seconds of the process: the first look at `performance` takes longer than all that is timed here.
  const began = process.uptime();
  const [argv, environment] = [process.argv.slice(2), { ...process.env } as Record<string, string>];
  const { told, target } = findRepeat({ argv, cwd: process.cwd(), environment });
  const timed = (line: string): string =>
    JSON.stringify({ ...(JSON.parse(line) as object), ms: Math.round((process.uptime() - began) * 1000) });
  const again = told?.map((line) => (line.includes('"type":"run.finished"') ? timed(line) : line));
  if (again !== undefined && argv.includes('--json')) {
    printLast(again.map((line) => `${line}\n`).join(''));
    return 0;
  }
  const begun: Begun = { argv, environment, target, told: again };
  return (await load()).main(begun);
}

/**
 * Writes all that is left to say to standard output, without its stream, whose making takes longer than all the rest of this.
 * Then it ends the process: nothing is left to do, and taking the runtime down piece by piece takes a millisecond.
 */
function printLast(text: string): void {
  let bytes: Uint8Array = Buffer.from(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes));
    process.exit(0);
  } catch {
    // A pipe that is full, or that nobody reads: the stream knows how to wait, and how to give up.
    process.stdout.on('error', () => {});
    process.stdout.write(bytes);
  }
}
