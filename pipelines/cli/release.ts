import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { packageRoot } from './package-root.ts';

/** The release of this package: `0.1.0`. */
export const release = (): string =>
  (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
