import { Failed } from '#engine';
import { disk, findCache } from '../documents/paths.ts';
import type { Around } from './around.ts';
import type { FlagsOf } from './verbs.ts';

type Flags = FlagsOf<'cache'>;

/** What `pipeline cache` can be told, each with the flags that mean something to it. */
const words = {
  stats: ['json'],
  verify: ['json'],
  gc: ['max-size', 'max-age', 'grace', 'dry-run', 'json'],
  prune: ['keep', 'dry-run', 'json'],
  path: [],
} as const satisfies Readonly<Record<string, readonly (keyof Flags)[]>>;

type Word = keyof typeof words;

/** `pipeline cache <what>`: measures what is cached, checks it, cleans it up. Answers the exit code. */
export async function commandCache(around: Around, what: string, flags: Flags): Promise<number> {
  // The command line has refused any other.
  const word = what as Word;
  refuseStrange(word, flags);
  switch (word) {
    case 'stats':
      return (await import('./cache/command-stats.ts')).commandStats(around, flags);
    case 'verify':
      return (await import('./cache/command-verify.ts')).commandVerifyCache(around, flags);
    case 'gc':
      return (await import('./cache/command-gc.ts')).commandGc(around, flags);
    case 'prune':
      return (await import('./cache/command-prune.ts')).commandPrune(around, flags);
    case 'path':
      around.stdout.write(`${findCache({ ...around, probe: disk }).path}\n`);
      return 0;
  }
}

/** A flag of another word would be ignored: whoever gives it means something else. */
function refuseStrange(word: Word, flags: Flags): void {
  const allowed: readonly string[] = words[word];
  const strange = Object.keys(flags).find((flag) => !allowed.includes(flag));
  if (strange === undefined) return;
  const hint = '`pipeline cache --help` says what there is';
  throw new Failed({ kind: 'usage', problem: `cache ${word} takes no --${strange}`, hint });
}
