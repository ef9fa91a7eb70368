import { parseArgs } from 'node:util';

import { engineOverhead } from './engine.ts';
import { machine } from './measure.ts';
import { warmRealized } from './realized.ts';
import { type Line, table } from './report.ts';
import { warmTrivial } from './trivial.ts';

/** Every case, by name. Each answers lines with their budgets. */
const cases: Readonly<Record<string, (runs: number) => Promise<readonly Line[]> | readonly Line[]>> = {
  engine: engineOverhead,
  trivial: warmTrivial,
  realized: warmRealized,
};

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, runs: { type: 'string', default: '11' } },
});
const lines: Line[] = [];
for (const [name, run] of Object.entries(cases))
  if (values.only?.includes(name) ?? true) lines.push(...(await run(Number(values.runs))));
process.stdout.write(`${table(lines)}\n\n${machine()}; medians of ${values.runs}\n`);
