import { resolve } from 'node:path';

import { writeText } from '../documents/json.ts';
import type { Around } from './around.ts';
import type { Chronicle } from './chronicle.ts';
import { refuseOther } from './refuse-other.ts';
import { modelOf, type RunModel } from './report/run-model.ts';
import { traceOf } from './report/trace.ts';

/** How every trace begins. */
const start = '{"traceEvents":';

/** A trace that grows by a run each time. Throws, before anything has run, when the file cannot be written or is something else. */
export function openTrace({ cwd }: Pick<Around, 'cwd'>, path: string): (chronicle: Chronicle) => void {
  const file = resolve(cwd, path);
  refuseOther(file, { start, what: 'a trace' });
  const runs: RunModel[] = [];
  const write = (): void => writeText(file, `${JSON.stringify(traceOf(runs))}\n`);
  write();
  return (chronicle) => {
    runs.push(modelOf(chronicle));
    write();
  };
}
