import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { cases } from './cases.ts';
import { type Line, notHere, table } from './report.ts';
import { machine, openStopwatch } from './stopwatch.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '11' }, profile: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !Object.hasOwn(cases, name));
if (unknown.length > 0) {
  process.stderr.write(`No case ${unknown.join(', ')}. There are: ${Object.keys(cases).join(', ')}\n`);
  process.exit(2);
}
const directory = values.profile ? mkdtempSync(join(tmpdir(), 'pipeline-profiles-')) : undefined;
const lines: Line[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(cases)) {
  const began = performance.now();
  const profiles = directory === undefined ? {} : { profiles: { directory, prefix: name } };
  try {
    const measured = await cases[name]!(openStopwatch({ runs: Number(values.runs), ...profiles }));
    lines.push(...measured);
    for (const line of measured) process.stderr.write(`  ${line.what}: ${line.measured}\n`);
  } catch (error) {
    // What the others measured is worth as much without this one.
    lines.push(notHere(name, 'it failed'));
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  }
  process.stderr.write(`${name}: done in ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
}
process.stdout.write(`${table(lines)}\n\n${machine()}; medians\n`);
if (directory !== undefined)
  process.stdout.write(
    `\nProfiles: ${directory}/*.cpuprofile. VS Code opens them, and so does Chrome: DevTools, Performance, Load profile.\n`,
  );
