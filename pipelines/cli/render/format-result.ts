/** What a realized target says of itself, as a run's result. `command` is run in `target`. */
export interface TargetResult {
  readonly kind: 'target';
  readonly target: string;
  readonly version: string;
  /** The interpreter, relative to the target. */
  readonly python: string;
  /** `main.py`, relative to the target. */
  readonly main: string;
  readonly command: string | readonly string[];
}

/** Three lines for a result that is a target: what is ready, where it is, how to run it. None for anything else. */
export function describeResult(result: unknown): readonly string[] {
  if (!isTarget(result)) return [];
  const { target, version, python, main, command = [python, main] } = result;
  const words = typeof command === 'string' ? command : command.map(quoted).join(' ');
  const run = words.startsWith('cd ') ? words : `cd ${quoted(target)} && ${words}`;
  return [`${version} is ready`, `  where  ${target}`, `  run    ${run}`];
}

const isTarget = (result: unknown): result is Omit<TargetResult, 'command'> & Partial<Pick<TargetResult, 'command'>> =>
  typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'target';

/** A word as a shell reads it back. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
