import { writeSync } from 'node:fs';

import type { Event } from '#engine';
import { findRepeat, type Repeated } from './repeat.ts';

/**
 * Runs the command line of this process and answers its exit code. The only reader of arguments and environment. What has
 * nothing to do is told before anything else is loaded.
 */
export async function main(): Promise<number> {
  const began = process.uptime();
  const [argv, environment] = [process.argv.slice(2), { ...process.env } as Record<string, string>];
  const { repeat, target } = findRepeat({ argv, cwd: process.cwd(), environment });
  if (repeat === undefined) {
    // What takes longest to look at is begun with while everything else is loaded.
    const lookout =
      target === undefined ? undefined : (await import('../../tasks/tools/site/lookout.ts')).openLookout(target);
    return (await import('./command-line.ts')).commandLine({ argv, environment, lookout });
  }
  await tell(repeat, environment, began);
  return 0;
}

/**
 * Tells again what a command told. Its texts were made safe to show when they were kept. `began` is in seconds of the process:
 * the first look at `performance` takes longer than all that is timed here.
 */
async function tell({ argv, told }: Repeated, environment: Record<string, string>, began: number): Promise<void> {
  const timed = (line: string): string =>
    JSON.stringify({ ...(JSON.parse(line) as Event), ms: Math.round((process.uptime() - began) * 1000) });
  const now = told.map((line) => (line.includes('"type":"run.finished"') ? timed(line) : line));
  if (argv.includes('--json')) {
    printLast(now.map((line) => `${line}\n`).join(''));
    return;
  }
  const { openScreen } = await import('./screen.ts');
  const emit = await openScreen({ environment, stdout: process.stdout }, {});
  for (const line of now) emit(JSON.parse(line) as Event);
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
