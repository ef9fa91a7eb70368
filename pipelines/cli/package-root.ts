import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where this package is installed, whether it runs from its sources or from what is published. */
export function packageRoot(): string {
  let directory = import.meta.dirname;
  while (!existsSync(join(directory, 'package.json')) && directory !== dirname(directory))
    directory = dirname(directory);
  return directory;
}
