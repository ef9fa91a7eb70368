import { mkdirSync, openSync, closeSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** How often two processes want the same name, for each way to take one. */
export const rounds = 100;

/** The file that both keep replacing: one letter, again and again, so that a torn one shows. */
export const contested = 'contested';
/** Its size in bytes. */
export const contestedSize = 64 * 1024;

/** What one of the racers came to: which names it took, and what it could read of who started it. */
export interface Raced {
  readonly exclusive: readonly number[];
  readonly renamed: readonly number[];
  readonly read: string;
}

/**
 * One of two processes that want the same names on a volume. It says `ready`, waits for a word, takes what it can, leaves
 * `seen-<who>` behind and says what it came to: one line of JSON.
 */
export async function race(
  [directory = '', who = '']: readonly string[],
  { stdin, stdout }: { readonly stdin: Readable; readonly stdout: Writable },
): Promise<number> {
  const at = (name: string): string => join(directory, name);
  for (let n = 0; n < rounds; n++) {
    mkdirSync(at(`${who}-${n}`));
    writeFileSync(at(`${who}-${n}/who`), who);
  }
  stdout.write('ready\n');
  await once(stdin, 'data');
  const exclusive: number[] = [];
  const renamed: number[] = [];
  for (let n = 0; n < rounds; n++) {
    if (takes(() => closeSync(openSync(at(`exclusive-${n}`), 'wx')))) exclusive.push(n);
    if (takes(() => renameSync(at(`${who}-${n}`), at(`directory-${n}`)))) renamed.push(n);
    replace(at, contested, who.repeat(contestedSize));
  }
  const raced: Raced = { exclusive, renamed, read: readFileSync(at('from-parent'), 'utf8') };
  replace(at, `seen-${who}`, who);
  stdout.write(`${JSON.stringify(raced)}\n`);
  stdin.destroy();
  return 0;

  function replace(path: typeof at, name: string, text: string): void {
    const temporary = path(`${name}.${who}`);
    writeFileSync(temporary, text);
    renameSync(temporary, path(name));
  }
}

/** Whether a name was taken; that somebody else has it is no fault. */
function takes(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
