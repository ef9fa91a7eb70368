/** Everything that is allowed to go wrong. A new way to fail is a new member here. */
export type Failure =
  /** The command line makes no sense. */
  | { readonly kind: 'usage'; readonly problem: string; readonly hint?: string }
  /** A document (version, lockfile, node list) cannot be read as one. `at` is the element: `custom_nodes[2].name`. */
  | {
      readonly kind: 'document';
      readonly file: string;
      readonly at?: string;
      readonly problem: string;
      readonly hint?: string;
    }
  /** Something is refused by a rule of safety: a hostile archive, a path that escapes, a directory that is not ours. */
  | { readonly kind: 'refused'; readonly what: string; readonly because: string; readonly hint?: string }
  /** Something that was named does not exist: a version, a commit, a release of a node, an interpreter. */
  | { readonly kind: 'absent'; readonly what: string; readonly hint?: string }
  /** Bytes are not what the lockfile pins. */
  | {
      readonly kind: 'integrity';
      readonly what: string;
      readonly expected: string;
      readonly actual: string;
      readonly hint?: string;
    }
  /** A server did not answer, or not as hoped. `transient` says whether trying again can help. */
  | {
      readonly kind: 'network';
      readonly url: string;
      readonly problem: string;
      readonly transient: boolean;
      readonly status?: number;
      /** What the server asked for in `Retry-After`, in milliseconds. */
      readonly retryAfterMs?: number;
      readonly hint?: string;
    }
  /** The network was not to be used, and these are not in the cache. */
  | { readonly kind: 'offline'; readonly missing: readonly string[] }
  /** A child process failed. `output` is its last lines. */
  | {
      readonly kind: 'command';
      readonly command: string;
      readonly exitCode: number | null;
      readonly output: readonly string[];
      readonly hint?: string;
    }
  /** ComfyUI refuses a workflow, or a node of it fails. `nodes` are those at fault, when any is. */
  | {
      readonly kind: 'workflow';
      readonly workflow: string;
      readonly problem: string;
      readonly nodes: readonly { readonly id: string; readonly class: string; readonly message: string }[];
      readonly hint?: string;
    }
  /** The disk or the store: full, read-only, broken. */
  | { readonly kind: 'disk'; readonly path: string; readonly code: string; readonly hint?: string }
  /** Another process works on the same target. */
  | { readonly kind: 'busy'; readonly what: string; readonly holder: string; readonly hint?: string }
  /** Several want one package in versions that exclude each other. `through` is whose line brings `who` in. */
  | {
      readonly kind: 'conflict';
      readonly what: string;
      readonly wants: readonly { readonly who: string; readonly what: string; readonly through?: string }[];
      readonly hint?: string;
    }
  /** A task was handed, or handed back, something its schema refuses. */
  | { readonly kind: 'input'; readonly task: string; readonly problems: readonly string[] }
  /** The run was told to stop. */
  | { readonly kind: 'cancelled' }
  /** Nobody foresaw this: a bug, with its stack. */
  | { readonly kind: 'bug'; readonly message: string; readonly stack: string };

/** Carries a failure through code that can only throw. Caught in one place: the engine. */
export class Failed extends Error {
  override readonly name = 'Failed';
  readonly failure: Failure;
  constructor(failure: Failure, options?: ErrorOptions) {
    super(describe(failure).message, options);
    this.failure = failure;
  }
}

/** The reason to abort a run's signal with: what told it to stop, as the exit code that says so (130 for SIGINT). */
export class Stopped extends Error {
  // What every library that takes a signal calls it.
  override readonly name = 'AbortError';
  readonly exitCode: number;
  constructor(exitCode: number) {
    super('Stopped');
    this.exitCode = exitCode;
  }
}

/** The exit code an aborted signal's reason asks for. */
export const exitCodeOfStop = (reason: unknown): number => (reason instanceof Stopped ? reason.exitCode : 130);

/** Codes of the operating system that mean the disk, with what to do. `errno -122` is EDQUOT, which Node gives no name. */
const diskHints: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space, then run again: what was fetched is kept',
  EDQUOT: 'the quota of this volume is used up: free some space, then run again',
  EROFS: 'the file system is read-only: choose another target or cache directory',
  EACCES: 'this user may not write there: choose another directory or change its owner',
  EPERM: 'this user may not do that there: choose another directory or change its owner',
  EIO: 'the disk reported an error: check it before you run again',
  EMFILE: 'too many open files: raise the limit (`ulimit -n`)',
  ENOTSUP: 'this file system cannot do that: choose another directory',
  ENOTDIR: 'something stands where a directory should be',
  ENAMETOOLONG: 'the path is too long for this file system: choose a shorter directory',
  EILSEQ: 'the file system does not take this name',
  ERR_STORE_FORMAT: 'another release wrote this cache: use that one, or choose another $COMFY_CACHE_ROOT',
};

/** What was thrown, as a failure: a carried one, one of the operating system, a cancellation, or else a bug. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof Failed) return thrown.failure;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error.name === 'AbortError') return { kind: 'cancelled' };
  const { code, errno, path, dest, syscall } = error as NodeJS.ErrnoException & { readonly dest?: string };
  // Where a directory with all above it cannot be made on a read-only volume, Node reports that it is not there.
  const isReadOnly = syscall === 'mkdir' && code === 'ENOENT';
  // And where a file stands above it, that it is there.
  const isBelowFile = syscall === 'mkdir' && code === 'EEXIST';
  const disk = errno === -122 ? 'EDQUOT' : isReadOnly ? 'EROFS' : isBelowFile ? 'ENOTDIR' : code;
  // Of two paths the second is the one that is written; a write to an open file does not say which it is.
  const written = dest ?? path ?? (syscall === 'write' || syscall === 'fsync' ? 'a file' : undefined);
  if (disk !== undefined && disk in diskHints && written !== undefined)
    return { kind: 'disk', path: written, code: disk, hint: diskHints[disk]! };
  return { kind: 'bug', message: error.message, stack: error.stack ?? '' };
}

/** A failure in words: what failed, and what to do. Sentence case, active voice, one screen. */
export function describe(failure: Failure): { readonly message: string; readonly hint?: string } {
  const hint = 'hint' in failure && failure.hint !== undefined ? { hint: failure.hint } : {};
  switch (failure.kind) {
    case 'usage':
      return { message: failure.problem, ...hint };
    case 'document':
      return { message: `${failure.file}: ${failure.at ? `${failure.at}: ` : ''}${failure.problem}`, ...hint };
    case 'refused':
      return { message: `Refused ${failure.what}: ${failure.because}`, ...hint };
    case 'absent':
      return { message: `${failure.what} does not exist`, ...hint };
    case 'integrity':
      return {
        message: `${failure.what} is not what the lockfile pins\n  expected ${failure.expected}\n  received ${failure.actual}`,
        hint: failure.hint ?? 'nothing of it was used; if the new content is wanted, run `pipeline validate --update`',
      };
    case 'network':
      return { message: `${failure.url}: ${failure.problem}`, ...hint };
    case 'offline':
      return {
        message: `Not in the cache, and the network is not to be used:\n${failure.missing.map((item) => `  ${item}`).join('\n')}`,
        hint: 'run once without --offline, or fill the cache from another machine',
      };
    case 'command': {
      const how = failure.exitCode === null ? 'was ended by a signal' : `exited with ${failure.exitCode}`;
      return {
        message: [`${failure.command} ${how}`, ...failure.output.map((line) => `  ${line}`)].join('\n'),
        ...hint,
      };
    }
    case 'workflow': {
      const nodes = failure.nodes.map((node) => `${node.class} (node ${node.id}): ${node.message}`);
      const [first, ...others] = nodes;
      const told = first !== undefined && others.length === 0 ? first : [failure.problem, ...nodes].join('\n  ');
      return { message: `${failure.workflow}: ${told}`, ...hint };
    }
    case 'disk':
      return { message: `Cannot write ${failure.path} (${failure.code})`, ...hint };
    case 'busy':
      return { message: `${failure.what} is in use by ${failure.holder}`, ...hint };
    case 'conflict': {
      const width = Math.max(...failure.wants.map(({ who }) => who.length));
      const lines = failure.wants.map(
        ({ who, what, through }) =>
          `  ${who.padEnd(width)}  wants ${what}${through === undefined ? '' : `, for ${through}`}`,
      );
      return { message: [`No version of ${failure.what} suits everybody:`, ...lines].join('\n'), ...hint };
    }
    case 'input':
      return { message: `${failure.task} was given something else than it asks for: ${failure.problems.join('; ')}` };
    case 'cancelled':
      return { message: 'Stopped' };
    case 'bug':
      return { message: failure.message, hint: 'this is a bug in pipeline: please report it with the lines above' };
  }
}

/** The exit code each failure asks for; the README lists them. */
const exitCodes: Readonly<Record<Failure['kind'], number>> = {
  command: 1,
  workflow: 1,
  usage: 2,
  document: 3,
  refused: 3,
  absent: 3,
  conflict: 3,
  input: 3,
  integrity: 4,
  network: 5,
  offline: 5,
  disk: 6,
  busy: 7,
  bug: 70,
  cancelled: 130,
};

/** The exit code of a run that failed first with this. */
export const exitCodeOf = ({ kind }: Failure): number => exitCodes[kind];
