import { Failed } from '#engine';

import { endGits } from './below.ts';

/** One run of git. `exitCode` is null when a signal ended it. */
export interface Ran {
  /** `git fetch` */
  readonly command: string;
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What one run of git needs beyond its arguments. */
export interface Circumstances {
  /** The working directory; it must exist. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly input?: string;
  /** Hears what git says on stderr while it runs. */
  readonly onStderr?: (text: string) => void;
}

/** How long a git that was stopped is waited for, in milliseconds: a child of it may keep its pipes open. */
const patienceMs = 1000;

/** Runs git and answers how it ended, whatever that was. Throws `cancelled` when the signal ended it. */
export async function runGit(args: readonly string[], how: Circumstances): Promise<Ran> {
  const { simpleGit } = await import('simple-git');
  const { directory, environment, signal, input, onStderr } = how;
  let ran: Ran | undefined;
  const git = simpleGit({
    baseDir: directory,
    abort: signal,
    allowEnvironment: Object.keys(environment),
    // Variables of the user that lead git to programs and files: they are theirs, no document can set them.
    unsafe: { allowUnsafeConfigPaths: true, allowUnsafeSshCommand: true, allowUnsafeAskPass: true },
    // Output is complete when the pipes are closed. Its own way of not waiting for them leaves a timer behind each git.
    completion: { onClose: true, onExit: false },
    input: () => input,
    errors(_error, { exitCode, stdOut, stdErr }) {
      ran = {
        command: `git ${args[0]}`,
        exitCode,
        stdout: Buffer.concat(stdOut).toString(),
        stderr: Buffer.concat(stdErr).toString(),
      };
      return undefined;
    },
  }).env(environment);
  if (onStderr !== undefined)
    git.outputHandler((_command, _stdout, stderr) => stderr.on('data', (chunk: Buffer) => onStderr(chunk.toString())));
  const { promise: gaveUp, resolve: giveUp } = Promise.withResolvers<void>();
  // simple-git ends git alone: the helper that git started would go on waiting for a server, and we for its pipes.
  const stop = (): void => {
    endGits();
    setTimeout(giveUp, patienceMs);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([git.raw([...args]), gaveUp]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  if (signal.aborted) throw new Failed({ kind: 'cancelled' });
  return ran!;
}

/** Variables that would change what git does, or open a window; simple-git refuses most of them too. */
const dropped = /^(?:GIT_.*|EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS.*|LC_.*)$/i;

/** Of those, the ways in which users tell git how to reach a server and sign in there. */
const kept = /^GIT_(?:CONFIG_GLOBAL|SSH|SSH_COMMAND|ASKPASS|SSL_CAINFO|SSL_CAPATH)$/;

const fixed = {
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  // Nobody is asked anything, neither by git nor by ssh.
  GIT_TERMINAL_PROMPT: '0',
  SSH_ASKPASS: 'false',
  SSH_ASKPASS_REQUIRE: 'force',
  // A server that has sent nothing for a minute is taken for dead.
  GIT_HTTP_LOW_SPEED_LIMIT: '1',
  GIT_HTTP_LOW_SPEED_TIME: '60',
};

/**
 * The environment of a git that talks to a server, or (`local`) reads a repository on this machine. The user's own
 * `insteadOf`, proxies and credentials hold; kinds of address that run programs or read files do not.
 */
export const networkEnvironment = (
  environment: Readonly<Record<string, string>>,
  { gitDirectory, local }: { readonly gitDirectory: string; readonly local: boolean },
): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(environment).filter(([name]) => kept.test(name) || !dropped.test(name))),
  ...fixed,
  GIT_ALLOW_PROTOCOL: local ? 'file' : 'https:http:ssh',
  GIT_DIR: gitDirectory,
});

/** The environment of a git that reads and writes objects: nobody's settings hold. */
export const localEnvironment = (
  { PATH = '' }: Readonly<Record<string, string>>,
  gitDirectory: string,
): Record<string, string> => ({ PATH, ...fixed, GIT_CONFIG_GLOBAL: '/dev/null', GIT_DIR: gitDirectory });
