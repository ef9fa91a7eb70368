import { Failed } from '#engine';

import { redactUrl } from '../redact.ts';
import type { Ran } from './command.ts';

const signIn =
  'check the address; if the repository is private, let git sign in by itself: a credential helper, or `url.<base>.insteadOf` in your git configuration';

/** What git says when it is no use to try again, and what to do instead. The first that matches counts. */
const lasting: readonly { readonly said: RegExp; readonly problem: string; readonly hint: string }[] = [
  {
    said: /could not read (?:Username|Password)|Authentication failed|error: 40[13]\b|Permission denied \(/,
    problem: 'the server asks for a sign-in, or there is no such repository',
    hint: signIn,
  },
  {
    said: /repository '[^']*' not found|Repository not found|error: 404\b|does not appear to be a git repository|not valid: is this a git repository/,
    problem: 'there is no such repository',
    hint: signIn,
  },
  {
    said: /dubious ownership/,
    problem: 'the repository belongs to another user of this machine',
    hint: 'if you trust it, say so: `git config --global --add safe.directory <path>`',
  },
  {
    said: /transport '[^']*' not allowed/,
    problem: 'git is not allowed to use this kind of address',
    hint: 'only https://, http:// and ssh:// are; look for an `insteadOf` that leads elsewhere in your git configuration',
  },
  {
    said: /SSL certificate|certificate verif|Host key verification failed/i,
    problem: 'the server could not prove who it is',
    hint: 'check the address and the certificates (or known hosts) of this machine',
  },
];

/** What git says when the connection is at fault. */
const connection =
  /unable to access|Could not resolve|hung up|early EOF|RPC failed|timed out|too slow|Connection (?:refused|reset|closed)|unexpected disconnect|Could not read from remote/i;

/** What git says when the other end, or our objects, make no sense. */
const nonsense =
  /invalid index-pack output|expected flush|bad band|bad line length|protocol error|invalid server response/i;

/** Whether a server said that it has no such commit, or that it does not hand out commits by their id. */
export const isWithheld = ({ stderr }: Ran): boolean =>
  /not our ref|unadvertised object|want [0-9a-f]+ not valid|couldn't find remote ref/.test(stderr);

/** Whether the way to the server, or the server itself, is what failed: not what we have of the repository. */
export const isOutside = ({ stderr }: Ran): boolean =>
  connection.test(stderr) || lasting.some(({ said }) => said.test(stderr));

/** A run of git that did not succeed in talking to `repository`, as what it means. */
export function networkFailure(repository: string, ran: Ran): Failed {
  const url = redactUrl(repository);
  const status = Number(/The requested URL returned error: (\d{3})/.exec(ran.stderr)?.[1]);
  const withStatus = Number.isNaN(status) ? {} : { status };
  const known = lasting.find(({ said }) => said.test(ran.stderr));
  if (known !== undefined) {
    const { problem, hint } = known;
    return new Failed({ kind: 'network', url, problem, transient: false, ...withStatus, hint });
  }
  if (!connection.test(ran.stderr) && !nonsense.test(ran.stderr)) return commandFailure(ran);
  const transient = Number.isNaN(status) || status === 408 || status === 429 || status >= 500;
  return new Failed({ kind: 'network', url, problem: lastWord(ran), transient, ...withStatus });
}

/** A run of git that failed for a reason of its own: a missing git, a full disk, damaged objects. */
export function commandFailure(ran: Ran): Failed {
  if (/spawn git ENOENT/.test(ran.stderr))
    return new Failed({ kind: 'absent', what: 'The command `git`', hint: 'install git 2.32 or later' });
  if (/No space left on device|Disk quota exceeded/.test(ran.stderr))
    return new Failed({
      kind: 'disk',
      path: 'what git fetched',
      code: 'ENOSPC',
      hint: 'free some space, then run again',
    });
  return new Failed({ kind: 'command', command: ran.command, exitCode: ran.exitCode, output: lines(ran).slice(-10) });
}

const lines = ({ stderr }: Ran): readonly string[] =>
  redactUrl(stderr)
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '');

/** git's last complaint, which says what ended it. */
const lastWord = (ran: Ran): string =>
  lines(ran)
    .findLast((line) => /^(?:fatal|error): /.test(line))
    ?.replace(/^(?:fatal|error): /, '') ?? 'the connection failed';
