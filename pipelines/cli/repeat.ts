import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { stillSo } from '../../tasks/tools/witness.ts';
import { disk, findCache } from '../documents/paths.ts';

/**
 * A command that came to nothing to do, and everything that decided so: the words it was given, the environment it read,
 * the files it looked at, and what it left in the target. While none of that has changed, the same command has nothing to do.
 * In its file this is the first line, as JSON; the witnesses follow, a line each, and what the command told, a line each.
 */
export interface Repeat {
  readonly format: 2;
  readonly runtime: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The target, where it has one. */
  readonly target?: string;
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** How many witnesses follow, and how many events: a file that was cut short proves less than the whole. */
  readonly witnesses: number;
  readonly events: number;
}

/** The circumstances of a command, as far as they are known before anything is loaded. */
export interface Occasion {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The file that a command's repeat is kept in. */
export function repeatFile({ argv, cwd, environment }: Occasion): string {
  const { path: cache } = findCache({ cwd, environment: { ...environment }, probe: disk });
  return join(cache, 'repeat', `${spread(JSON.stringify([cwd, argv]))}.json`);
}

/** What is known of a command that was given before. */
export interface Known {
  /** What it tells, an event as JSON each, if it still has nothing to do. */
  readonly told?: readonly string[];
  /** The target that it had then. */
  readonly target?: string | undefined;
}

/** What is known of a command; nothing of one that is given for the first time. */
export function findRepeat(occasion: Occasion): Known {
  try {
    const [first = '', ...lines] = readFileSync(repeatFile(occasion), 'utf8').split('\n');
    const repeat = JSON.parse(first) as Repeat;
    const told = lines.splice(repeat.witnesses);
    const whole = told.pop() === '' && told.length === repeat.events;
    if (whole && fits(repeat, occasion) && lines.every(stillSo)) return { told };
    return typeof repeat.target === 'string' ? { target: repeat.target } : {};
  } catch {
    // No such file, or one that another release wrote: the command finds out for itself.
    return {};
  }
}

const fits = (repeat: Repeat, { argv, cwd, environment }: Occasion): boolean =>
  repeat.format === 2 &&
  repeat.runtime === process.version &&
  repeat.cwd === cwd &&
  JSON.stringify(repeat.argv) === JSON.stringify(argv) &&
  JSON.stringify(repeat.environment) === JSON.stringify(concerning(environment, repeat.environment));

const names =
  /^(?:COMFY|PIPELINE|HF|HUGGINGFACE|CIVITAI|XDG|PYENV|PYTHON|PIP|UV|GIT)_|^(?:HOME|PATH|MODELS_DIR|CI|GITHUB_ACTIONS|TERM|NO_COLOR)$|_proxy$/i;
const secret = /TOKEN|SECRET|PASSWORD|API_?KEY|SIGNING_KEY/i;

/**
 * The variables that a command may have read, sorted: those of a known kind, and the `others` it is known to have asked
 * for. Of a secret only whether it is set: what it is decides nothing here, and is not to be written down.
 */
export function concerning(
  environment: Occasion['environment'],
  others: readonly (readonly [name: string, value: string])[],
): readonly (readonly [string, string])[] {
  const wanted = new Set([
    ...Object.keys(environment).filter((name) => names.test(name)),
    ...others.map(([name]) => name),
  ]);
  return [...wanted].toSorted().map((name) => {
    const value = environment[name] ?? '';
    return [name, secret.test(name) && value !== '' ? '(set)' : value] as const;
  });
}

/** A name of 13 characters for a text. Not a digest: the text itself is compared, and a digest would have to be loaded. */
function spread(text: string): string {
  let [a, b] = [0x9e37_79b9, 0x85eb_ca6b];
  for (let n = 0; n < text.length; n++) {
    a = Math.imul(a ^ text.charCodeAt(n), 0x0100_0193);
    b = Math.imul(b ^ text.charCodeAt(n), 0x5bd1_e995) ^ (b >>> 13);
  }
  return ((a >>> 0) * 2 ** 20 + ((b >>> 0) % 2 ** 20)).toString(36);
}
