import type { Lookout } from '../../tasks/tools/site/lookout.ts';

/** The world a command runs in: everything that `main` reads of this process, so that nothing else does. */
export interface Around {
  /** The words after the name of the command. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Aborted with a `Stopped` when the process is told to end. */
  readonly signal: AbortSignal;
  /** Who looks at the target already that the same words had last time. */
  readonly lookout?: Lookout | undefined;
}

/** Whether a variable says yes: `1`, `true`, or anything but `0`, `false` and nothing. */
export const saysYes = (value: string | undefined): boolean => !/^(?:0|false|no)?$/i.test(value ?? '');
