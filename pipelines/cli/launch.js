#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `pipeline needs Node 24 or newer; this is ${process.version}.\n` +
      'hint: run `npx pipeline ...` in the project: `npm ci` brings the right Node along\n',
  );
  process.exit(2);
}
enableCompileCache();
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2), process.env);
