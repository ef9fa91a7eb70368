#!/usr/bin/env node
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `pipeline needs Node 24 or newer; this is ${process.version}.\n` +
      'hint: run `npx pipeline ...` in the project: `npm ci` brings the right Node along\n',
  );
  process.exit(2);
}
// Not imported: an old Node would fail on a name before it could say which one is needed, and an import takes its time.
const { getBuiltinModule } = process;
getBuiltinModule('node:module').enableCompileCache();
// A checkout runs its sources, whatever was built there; a package has none.
const isCheckout = getBuiltinModule('node:fs').existsSync(`${import.meta.dirname}/main.ts`);
const { main } = await import(isCheckout ? './main.ts' : '../../dist/main.js');
process.exitCode = await main();
