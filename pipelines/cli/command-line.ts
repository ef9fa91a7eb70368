import { type Arguments, type Invocation, parseArguments } from './arguments.ts';
import type { Around } from './around.ts';
import { verbs } from './verbs.ts';

/** What a process was started with. */
export type Start = Pick<Around, 'argv' | 'environment' | 'lookout'>;

/** Does what a command line says, and answers the exit code. */
export async function commandLine(start: Start): Promise<number> {
  const { argv } = start;
  // Nobody types this: `doctor` starts processes that want the same files.
  if (argv[0] === '__race') return (await import('../doctor/race.ts')).race(argv.slice(1), process);
  if (isKnown(argv[0]))
    return answer(parseArguments(argv), async (asked) =>
      // It is run at every start of a shell: it loads nothing but the table of verbs.
      asked.verb === 'completion'
        ? (await import('./command-completion.ts')).commandCompletion(asked.positionals[0]!)
        : inProcess(start, async (around) => dispatch(asked, around)),
    );
  return inProcess(start, async (around) => {
    const { findOwn, ownNames } = await import('./own-pipeline.ts');
    const own = await findOwn(around.cwd, argv[0]!);
    const asked =
      own === undefined
        ? parseArguments(argv, verbs, ownNames(around.cwd))
        : parseArguments(argv, { [argv[0]!]: own.verb });
    // Where there is none, the word is no verb, and that is the answer.
    return answer(asked, async (run) => own!.run(run, around));
  });
}

/** Answers a command line: with help, with what is wrong with it, or by doing what it says. */
async function answer(asked: Arguments, work: (asked: Invocation) => Promise<number>): Promise<number> {
  const { stdout, stderr } = process;
  switch (asked.kind) {
    case 'help': {
      const { helpFor, overview } = await import('./help.ts');
      stdout.write(asked.verb === undefined ? overview() : helpFor(asked.verb));
      return 0;
    }
    case 'version': {
      stdout.write(`${(await import('./release.ts')).release()}\n`);
      return 0;
    }
    case 'usage': {
      stderr.write(`error: ${asked.problem}\n${asked.hint === undefined ? '' : `hint: ${asked.hint}\n`}`);
      return 2;
    }
    case 'run':
      return work(asked);
  }
}

/** Whether the first word is a verb of ours, or a flag; anything else may be a pipeline of the project's. */
const isKnown = (word: string | undefined): boolean =>
  word === undefined || word.startsWith('-') || word === 'help' || Object.hasOwn(verbs, word);

/** Runs a command in this process: signals stop it, failures become words and exit codes. */
async function inProcess(start: Start, work: (around: Around) => Promise<number>): Promise<number> {
  (await import('./settle-schemas.ts')).settleSchemas();
  const { exitCodeOf, sayFailure, Stopped, toFailure } = await import('./say-failure.ts');
  const stopping = new AbortController();
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)
    process.on(signal, () => {
      // Whoever asks twice does not want to wait for children to end well.
      if (stopping.signal.aborted) process.exit(code);
      stopping.abort(new Stopped(code));
    });
  const around: Around = {
    ...start,
    cwd: process.cwd(),
    // Asking for it starts it: only who reads it does.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    signal: stopping.signal,
  };
  try {
    return await work(around);
  } catch (thrown) {
    const failure = toFailure(thrown);
    sayFailure(around, failure);
    return exitCodeOf(failure);
  }
}

async function dispatch(asked: Exclude<Invocation, { verb: 'completion' }>, around: Around): Promise<number> {
  const [first] = asked.positionals;
  switch (asked.verb) {
    case 'realize':
      return (await import('./command-realize.ts')).commandRealize(around, first, asked.flags);
    case 'validate':
      return (await import('./command-validate.ts')).commandValidate(around, first!, asked.flags);
    case 'create':
      return (await import('./command-create.ts')).commandCreate(around, first!, asked.flags);
    case 'export':
      return (await import('./command-export.ts')).commandExport(around, first!, asked.flags);
    case 'clone':
      return (await import('./command-clone.ts')).commandClone(around, asked.positionals, asked.flags);
    case 'delete':
      return (await import('./command-delete.ts')).commandDelete(around, first!, asked.flags);
    case 'pack':
      return (await import('./command-pack.ts')).commandPack(around, first!, asked.flags);
    case 'image':
      return (await import('./command-image.ts')).commandImage(around, first!, asked.flags);
    case 'unpack':
      return (await import('./command-unpack.ts')).commandUnpack(around, first!, asked.flags);
    case 'run-ui':
      return (await import('./command-run-ui.ts')).commandRunUi(around, first, asked.flags, asked.rest);
    case 'run-handler':
      return (await import('./command-run-handler.ts')).commandRunHandler(around, first, asked.flags, asked.rest);
    case 'status':
      return (await import('./command-status.ts')).commandStatus(around, first, asked.flags);
    case 'verify':
      return (await import('./command-verify.ts')).commandVerify(around, first!, asked.flags);
    case 'repair':
      return (await import('./command-repair.ts')).commandRepair(around, first!, asked.flags);
    case 'history':
      return (await import('./command-history.ts')).commandHistory(around, first!, asked.flags);
    case 'rollback':
      return (await import('./command-rollback.ts')).commandRollback(around, asked.positionals, asked.flags);
    case 'diff':
      return (await import('./command-diff.ts')).commandDiff(around, asked.positionals, asked.flags);
    case 'node':
      return (await import('./command-node.ts')).commandNode(around, asked.positionals, asked.flags);
    case 'why':
      return (await import('./command-why.ts')).commandWhy(around, asked.positionals, asked.flags);
    case 'graph':
      return (await import('./command-graph.ts')).commandGraph(around, first!, asked.flags);
    case 'report':
      return (await import('./command-report.ts')).commandReport(around, first!, asked.flags);
    case 'cache':
      return (await import('./command-cache.ts')).commandCache(around, first!, asked.flags);
    case 'key':
      return (await import('./command-key.ts')).commandKey(around, first!, asked.flags);
    case 'doctor':
      return (await import('./command-doctor.ts')).commandDoctor(around, first, asked.flags);
  }
}
