import { Failed } from '#engine';
import type { Around } from './around.ts';

/** Asks whoever sits at the terminal, and answers whether they said yes. Throws `usage` when nobody sits there. */
export async function askYes(
  { stdin, stdout, signal }: Pick<Around, 'stdin' | 'stdout' | 'signal'>,
  question: string,
): Promise<boolean> {
  if (!stdin.isTTY || !stdout.isTTY)
    throw new Failed({ kind: 'usage', problem: 'This asks first, and nobody is there to answer', hint: 'add --yes' });
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: stdin, output: stdout });
  try {
    return /^y(?:es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    terminal.close();
  }
}
