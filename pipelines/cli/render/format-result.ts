import { formatBytes } from './format-bytes.ts';

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

/** What became of an image: where it is, and by which digest. */
interface ImageResult {
  readonly kind: 'image';
  readonly tag: string;
  readonly to: string;
  readonly digest: string;
  /** How many of its files were not there yet, and how many were. */
  readonly sent: number;
  readonly there: number;
  /** Of those that were not there. */
  readonly bytes: number;
}

/** Lines for a result that is a target (what is ready, where it is, how to run it) or an image (where it is, its digest). None for anything else. */
export function describeResult(result: unknown): readonly string[] {
  if (isImage(result)) return describeImage(result);
  if (!isTarget(result)) return [];
  const { target, version, python, main, command = [python, main] } = result;
  const words = typeof command === 'string' ? command : command.map(quoted).join(' ');
  const run = words.startsWith('cd ') ? words : `cd ${quoted(target)} && ${words}`;
  return [`${version} is ready`, `  where  ${target}`, `  run    ${run}`];
}

const describeImage = ({ tag, to, digest, sent, there, bytes }: ImageResult): readonly string[] => [
  `${tag} is written`,
  `  where   ${to}`,
  `  digest  ${digest}`,
  `  new     ${sent} of ${sent + there} files, ${formatBytes(bytes)}`,
];

const isImage = (result: unknown): result is ImageResult =>
  typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'image';

const isTarget = (result: unknown): result is Omit<TargetResult, 'command'> & Partial<Pick<TargetResult, 'command'>> =>
  typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'target';

/** A word as a shell reads it back. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
