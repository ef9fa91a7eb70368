import { availableParallelism } from 'node:os';

import { type Digest, hexOf, isDigest, proveAll } from '#cache';
import type { Around } from '../around.ts';
import { formatBytes, formatShare } from '../render/format-bytes.ts';
import { formatCount } from '../render/format-count.ts';
import { tell } from '../tell.ts';
import type { FlagsOf } from '../verbs.ts';
import { storedObjects } from './stored-things.ts';
import { type Survey, surveyCache } from './survey.ts';
import type { Thing } from './thing.ts';

/** An object that was damaged, and who needs it. */
interface Damage {
  readonly digest: Digest;
  readonly kind: Thing['kind'];
  readonly about?: string;
  /** Targets that need it, and the project whose lockfiles do. */
  readonly needed_by: readonly string[];
}

/** `pipeline cache verify`: reads everything in the store, and puts away what is damaged. Answers 0, or 1 when something is. */
export async function commandVerifyCache(around: Around, flags: FlagsOf<'cache'>): Promise<number> {
  const survey = await surveyCache(around);
  const things = await storedObjects(survey, around.signal);
  const objects = things.flatMap(({ name, measure }) =>
    isDigest(name) ? [{ digest: name, bytes: measure.bytes }] : [],
  );
  const total = objects.reduce((sum, { bytes }) => sum + bytes, 0);
  const show = progressOn(around, total, flags.json ?? false);
  let done = 0;
  const found = await proveAll(objects, {
    root: survey.store,
    threads: availableParallelism(),
    signal: around.signal,
    onProven: (_, { bytes }) => show((done += bytes)),
  });
  show(undefined);
  const damaged = found.map(({ digest }): Damage => {
    const { kind, about } = things.find(({ name }) => name === digest)!;
    return { digest, kind, ...(about !== undefined && { about }), needed_by: needing(survey, digest) };
  });
  const ok = damaged.length === 0;
  const document = { type: 'cache-verify', ok, objects: objects.length, bytes: total, damaged };
  const read = `${formatCount(objects.length, 'object')}, ${formatBytes(total)}`;
  const lines = ok
    ? [`Everything in the store is true: ${read} were read`]
    : [
        ...damaged.flatMap(linesOf),
        `${formatCount(damaged.length, 'object')} of ${read} ${damaged.length === 1 ? 'was' : 'were'} damaged, and put away`,
        'hint: `pipeline realize` makes again what it needs; `pipeline repair` puts a target right',
      ];
  tell(around, { lines, document }, flags);
  return ok ? 0 : 1;
}

const needing = ({ roots, marker }: Survey, digest: Digest): readonly string[] =>
  roots.flatMap(({ kind, id, name, texts }) => {
    if (kind === 'run' || !marker.from(texts).has(hexOf(digest))) return [];
    return kind === 'target' ? `${id ?? 'a version'} in ${name}` : `lockfiles of ${name}`;
  });

function linesOf({ digest, kind, about, needed_by: whose }: Damage): readonly string[] {
  const what = [kind, about, digest].filter((part) => part !== undefined).join('  ');
  return [`damaged  ${what}`, ...whose.map((one) => `  needed by ${one}`)];
}

/** How often progress is shown, in milliseconds. */
const pause = 200;

/** One line that is written over, on a terminal alone. Nothing is told last, to take it away. */
function progressOn({ stderr }: Around, total: number, json: boolean): (done: number | undefined) => void {
  if (json || !stderr.isTTY) return () => {};
  let shown = 0;
  return (done) => {
    if (done !== undefined && performance.now() - shown < pause) return;
    shown = performance.now();
    stderr.write(`\r\u001B[K${done === undefined ? '' : `Reading ${formatShare(done, total)}`}`);
  };
}
