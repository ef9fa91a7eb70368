import { appendFileSync, statSync } from 'node:fs';

import { Failed } from '#engine';
import type { Chronicle } from './chronicle.ts';
import { markdownSummary } from './report/markdown-summary.ts';
import { modelOf } from './report/run-model.ts';

/** What GitHub takes of one step of a job; it drops all of what is longer. */
const mostBytes = 1024 * 1024;

/** Says of each run what it came to, at the end of the file that GitHub Actions shows below a job. It throws where that cannot be written. */
export const openJobSummary =
  (file: string) =>
  (chronicle: Chronicle): void => {
    // A blank line: whoever wrote before us may not have ended his.
    const text = `\n${markdownSummary(modelOf(chronicle))}`;
    const before = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (before + Buffer.byteLength(text) > mostBytes)
      throw new Failed({
        kind: 'refused',
        what: 'GITHUB_STEP_SUMMARY',
        because: 'it would be longer than GitHub shows',
      });
    appendFileSync(file, text);
  };
