import { join } from 'node:path';

import { records } from './path.ts';

/** Where everything of pipeline's own is in one target. README.md says what each is for. */
export interface Layout {
  readonly target: string;
  readonly records: string;
  /** Says that this directory is a target of ours. */
  readonly marker: string;
  readonly journal: string;
  readonly receipts: string;
  readonly staging: string;
  readonly trash: string;
  readonly history: string;
  readonly current: string;
  readonly lock: string;
}

/** Where what was moved out of the way as a whole is kept, counted from the target. */
export const kept = `${records}/kept`;

/** The places of one target. `target` is absolute. */
export function layoutOf(target: string): Layout {
  const at = (name: string): string => join(target, records, name);
  return {
    target,
    records: join(target, records),
    marker: at('target.json'),
    journal: at('journal.json'),
    receipts: at('receipts'),
    staging: at('staging'),
    trash: at('trash'),
    history: at('history'),
    current: at('current.json'),
    lock: at('lock.json'),
  };
}
