import { join } from 'node:path';

import { openSite } from '../../tasks/tools/site/site.ts';
import { openStore } from './rig.ts';
import { switchTo } from './switching.ts';

// Goes from B to A and back until it is killed: the directory is its argument.
const root = process.argv[2]!;
const store = openStore(join(root, 'store'));
process.stdout.write('ready\n');
for (;;)
  for (const version of ['B', 'A'] as const)
    await switchTo(version, openSite({ target: join(root, 'target'), store, note: () => {} }), store);
