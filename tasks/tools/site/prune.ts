import { readdirSync, rmdirSync } from 'node:fs';

import type { Hands } from './hands.ts';
import { isDirectory } from './look.ts';

/** Removes a directory of the target in which nothing is but what Python derives from sources. */
export function prune(hands: Hands, directory: string): void {
  const at = hands.at(directory);
  if (!isDirectory(at) || !isDerived(at)) return;
  for (const entry of readdirSync(at, { withFileTypes: true }))
    if (entry.isDirectory()) prune(hands, `${directory}/${entry.name}`);
    else hands.throwAway(`${directory}/${entry.name}`);
  try {
    rmdirSync(at);
  } catch (error) {
    // Somebody put something there this very moment: then it stays.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  }
}

const isDerived = (directory: string): boolean =>
  readdirSync(directory, { withFileTypes: true }).every((entry) =>
    entry.isDirectory()
      ? entry.name === '__pycache__' && isDerived(`${directory}/${entry.name}`)
      : entry.isFile() && entry.name.endsWith('.pyc'),
  );
