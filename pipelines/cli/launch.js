#!/usr/bin/env node
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `pipeline needs Node 24 or newer; this is ${process.version}.\n` +
      'hint: run `npx pipeline ...` in the project: `npm ci` brings the right Node along\n',
  );
  process.exit(2);
}
// Not imported above: an old Node would fail on the name before it could say which one is needed.
const [{ existsSync }, { enableCompileCache }] = await Promise.all([import('node:fs'), import('node:module')]);
enableCompileCache();
// A checkout runs its sources, whatever was built there; a package has none.
const isCheckout = existsSync(`${import.meta.dirname}/main.ts`);
const { main } = await import(isCheckout ? './main.ts' : '../../dist/main.js');
process.exitCode = await main();
