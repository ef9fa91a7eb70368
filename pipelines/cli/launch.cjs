#!/usr/bin/env node
const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `pipeline needs Node 24 or newer; this is ${process.version}.\n` +
      'hint: run `npx pipeline ...` in the project: `npm ci` brings the right Node along\n',
  );
  process.exit(2);
}
// A checkout runs its sources, whatever was built there; a package has none.
const isCheckout = require('node:fs').existsSync(`${__dirname}/main.ts`);
const keepCompiled = () => require('node:module').enableCompileCache();
// Else types would be stripped from the first sources anew each time.
if (isCheckout) keepCompiled();
// What is published begins as CommonJS, and compiled anew: for a command with nothing to do, to start the loader of modules takes
// longer than all the rest, and looking for what was compiled as long as compiling it.
const begun = isCheckout ? import('./start.ts') : require('../../dist/start.cjs');
const load = () => {
  keepCompiled();
  return isCheckout ? import('./main.ts') : import('../../dist/main.js');
};
void (async () => {
  const { start } = await begun;
  process.exitCode = await start(load);
})();
