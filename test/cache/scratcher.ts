import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '#cache';

/** Makes a scratch, says where, and lives on until it is killed. */
const { root } = JSON.parse(process.argv[2]!) as { readonly root: string };
const scratch = await openStore({ root, warn: () => undefined }).scratch();
writeFileSync(join(scratch.path, 'file'), 'half');
process.stdout.write(`${scratch.path}\n`);
process.stdin.resume();
