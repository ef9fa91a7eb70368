import { resolve } from 'node:path';

import { describe, Failed, type Failure, toFailure } from '#engine';
import { writeText } from '../documents/json.ts';
import { redactSecrets } from '../../tasks/tools/redact.ts';
import type { Around } from './around.ts';
import { chooseDelivery } from './handler-deliver.ts';
import { type Job, jobsFrom, readImages, readJob } from './handler-jobs.ts';
import { handleJob, type Handled, type Handling } from './handler-run.ts';
import { openSession } from './handler-session.ts';
import { openProject } from './open-project.ts';
import { realizeFirst } from './realize-first.ts';
import { openScreen } from './screen.ts';
import { safeText } from './safe-text.ts';
import { secretsIn } from './secrets.ts';
import { refuseListening, serverOf } from './server-of.ts';
import type { FlagsOf } from './verbs.ts';

type Flags = FlagsOf<'run-handler'>;

/**
 * `pipeline run-handler <id>`: runs workflows on a server of its own, and prints what they made: a JSON document each, one
 * line, and nothing else. Everything besides is told on standard error. Answers the exit code.
 */
export async function commandRunHandler(
  around: Around,
  id: string | undefined,
  flags: Flags,
  rest: readonly string[],
): Promise<number> {
  refuseListening(rest, 'the port is chosen here: leave it out');
  // Everything that can be wrong with the words is found before minutes are spent.
  const images = readImages(flags['input-image']);
  const jobs = (flags.workflow ?? []).map((path) => readJob(around, path, images));
  if (jobs.length === 0 && !flags['keep-warm'])
    throw new Failed({ kind: 'usage', problem: 'Which workflow?', hint: 'write --workflow FILE' });
  const delivery = chooseDelivery(around, flags);
  const aside: Around = { ...around, stdout: around.stderr };
  const exitCode = await realizeFirst(aside, id, flags);
  if (exitCode !== 0) return exitCode;
  const { settings, ...project } = openProject(around, id, flags);
  const launch = serverOf({ settings, ...project });
  const seconds = flags.timeout;
  await using session = openSession(
    { ...launch, args: ['--disable-auto-launch', ...rest] },
    { signal: around.signal, ...(seconds !== undefined && { startMs: seconds * 1000 }) },
  );
  const safe = safeText(secretsIn(around.environment));
  const onLine = (line: string): void => {
    if (flags.debug && !flags.json) around.stderr.write(`${safe(line)}\n`);
  };
  const emit = await openScreen(aside, flags);
  const handling: Handling = { around, settings, session, delivery, emit, onLine, timeout: seconds };
  return await handleAll(jobs, flags, handling);
}

/** One workflow after another: those that were named, up to the first that fails; then, kept warm, those that come. */
async function handleAll(jobs: readonly Job[], flags: Flags, handling: Handling): Promise<number> {
  const { around } = handling;
  const print = openPrinter(around, flags['out-file']);
  let exitCode = 0;
  for (const job of jobs) {
    const handled = await handleJob(job, handling);
    if ('result' in handled) await print(handled.result);
    else return handled.exitCode;
  }
  if (!flags['keep-warm']) return 0;
  for await (const job of jobsFrom(around)) {
    const handled = 'thrown' in job ? refused(job.thrown) : await handleJob(job, handling);
    // Who sends line after line gets an answer to each.
    const workflow = 'thrown' in job ? job.line : job.file;
    await print('result' in handled ? handled.result : { workflow, ...told(handled.failure, around) });
    exitCode ||= handled.exitCode;
    if (around.signal.aborted) break;
  }
  return around.signal.aborted ? exitCode || 130 : exitCode;
}

/** A failure as it may be printed, in words and whole: a node says what it likes, also what it was given to keep. */
const told = (failure: Failure, { environment }: Around): object =>
  JSON.parse(redactSecrets(JSON.stringify({ ...describe(failure), failure }), secretsIn(environment))) as object;

function refused(thrown: unknown): Handled {
  const failure = toFailure(thrown);
  if (failure.kind === 'bug') throw thrown;
  return { exitCode: 3, failure };
}

/** Prints documents, a line each: to standard output, or to a file that is written whole each time. */
function openPrinter({ stdout, cwd }: Around, file: string | undefined): (result: object) => Promise<void> {
  const lines: string[] = [];
  return async (result) => {
    const line = `${JSON.stringify(result)}\n`;
    if (file !== undefined) return writeText(resolve(cwd, file), (lines.push(line), lines.join('')));
    const { promise: written, resolve: done, reject } = Promise.withResolvers<void>();
    stdout.write(line, (error) => (error ? reject(error) : done()));
    await written;
  };
}
