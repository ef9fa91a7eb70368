import { PassThrough } from 'node:stream';

import { type Event, Failed, type Failure } from '#engine';

import { parseArguments } from '../../pipelines/cli/arguments.ts';
import type { Around } from '../../pipelines/cli/around.ts';
import { commandNode } from '../../pipelines/cli/command-node.ts';

/** What one command came to. */
export interface Done {
  readonly exitCode: number;
  readonly events: readonly Event[];
  readonly stdout: string;
  readonly notes: readonly string[];
  readonly failure: Failure | undefined;
}

/** Runs `pipeline node ...` in this process. */
export async function runNode(where: Pick<Around, 'environment' | 'cwd'>, args: readonly string[]): Promise<Done> {
  const asked = parseArguments(['node', ...args]);
  if (asked.kind !== 'run' || asked.verb !== 'node') throw new Error(JSON.stringify(asked));
  const stream = new PassThrough();
  let stdout = '';
  stream.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const streams = { stdout: stream, stderr: stream, stdin: stream } as unknown as Pick<
    Around,
    'stdout' | 'stderr' | 'stdin'
  >;
  const around: Around = { ...where, ...streams, argv: args, signal: new AbortController().signal };
  let exitCode = 3;
  let failure: Failure | undefined;
  try {
    exitCode = await commandNode(around, asked.positionals, asked.flags);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    ({ failure } = error);
  }
  const events =
    args[0] === 'list'
      ? []
      : stdout
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Event);
  for (const event of events) if (event.type === 'step.finished' && event.outcome === 'failed') ({ failure } = event);
  const notes = events.flatMap((event) => (event.type === 'note' ? [event.text] : []));
  return { exitCode, events, stdout, notes, failure };
}
