import { hexOf, isDigest, type Measure, nothing, plus } from '#cache';
import type { Around } from '../around.ts';
import { formatBytes } from '../render/format-bytes.ts';
import { tell } from '../tell.ts';
import type { FlagsOf } from '../verbs.ts';
import { answerThings } from './answers.ts';
import type { Root } from './registered.ts';
import { type Survey, surveyCache } from './survey.ts';
import { freedBy, type Kind, kinds, type Thing } from './thing.ts';
import { thingsIn } from './things.ts';

/** How much there is of something. Sizes in bytes. */
interface Row {
  readonly kind: Kind | 'total';
  readonly count: number;
  /** By the sizes of files. */
  readonly bytes: number;
  /** What it takes on the disk, each inode once. */
  readonly disk_bytes: number;
  /** The part of that which targets have hard links to. */
  readonly shared_bytes: number;
  /** What something that is registered leads to, on the disk. */
  readonly needed_bytes: number;
  /** What deleting the rest would free. */
  readonly garbage_bytes: number;
}

/** What one target needs of the cache, and what is there for it alone, on the disk. */
interface Needing {
  readonly target: string;
  readonly id?: string;
  readonly unseen: boolean;
  readonly bytes: number;
  readonly alone_bytes: number;
}

/** `pipeline cache stats`: what is in the cache, and for whom. Answers the exit code. */
export async function commandStats(around: Around, flags: FlagsOf<'cache'>): Promise<number> {
  const survey = await surveyCache(around);
  const things = await thingsIn(survey, around.signal);
  const all = [...things, ...(await answerThings(survey, new Set(things.map(({ name }) => name))))];
  const rows = kinds.flatMap((kind) => {
    const some = all.filter((thing) => thing.kind === kind);
    return some.length === 0 ? [] : [rowOf(kind, some)];
  });
  const total = rowOf('total', all);
  const targets = needings(survey, things);
  const document = { type: 'stats', cache: survey.cache, kinds: rows, total, targets };
  tell(around, { lines: linesOf(survey, { rows, total, targets }), document }, flags);
  return 0;
}

function rowOf(kind: Row['kind'], things: readonly Thing[]): Row {
  const sum = things.map((thing) => thing.measure).reduce(plus, nothing);
  const of = (isNeeded: boolean, size: (one: Measure) => number): number =>
    things.reduce((bytes, thing) => bytes + (thing.isNeeded === isNeeded ? size(thing.measure) : 0), 0);
  return {
    kind,
    count: things.length,
    bytes: sum.bytes,
    disk_bytes: sum.disk,
    shared_bytes: sum.shared,
    needed_bytes: of(true, ({ disk }) => disk),
    garbage_bytes: of(false, freedBy),
  };
}

function needings({ roots, marker }: Survey, things: readonly Thing[]): readonly Needing[] {
  const objects = things.flatMap(({ name, measure }) =>
    isDigest(name) ? [{ hex: hexOf(name), size: measure.disk }] : [],
  );
  const reached = roots.map(({ texts }) => marker.from(texts));
  const wanted = (hex: string): number => reached.filter((names) => names.has(hex)).length;
  return roots.flatMap(({ kind, name, id, isUnseen }: Root, n) => {
    if (kind !== 'target') return [];
    const own = objects.filter(({ hex }) => reached[n]!.has(hex));
    const alone = own.filter(({ hex }) => wanted(hex) === 1);
    return {
      target: name,
      ...(id !== undefined && { id }),
      unseen: isUnseen,
      bytes: sum(own),
      alone_bytes: sum(alone),
    };
  });
}

const sum = (some: readonly { readonly size: number }[]): number => some.reduce((bytes, { size }) => bytes + size, 0);

interface Found {
  readonly rows: readonly Row[];
  readonly total: Row;
  readonly targets: readonly Needing[];
}

function linesOf({ cache }: Survey, { rows, total, targets }: Found): readonly string[] {
  const table = [
    ['', 'count', 'size', 'on disk', 'needed', 'garbage'],
    ...[...rows, total].map((row) => [
      row.kind,
      String(row.count),
      ...[row.bytes, row.disk_bytes, row.needed_bytes, row.garbage_bytes].map(formatBytes),
    ]),
  ];
  const needing = targets.map(({ target, id = '', unseen, bytes, alone_bytes: alone }) => [
    id,
    formatBytes(bytes),
    `${formatBytes(alone)} for it alone`,
    `${target}${unseen ? ' (cannot be seen now)' : ''}`,
  ]);
  return [
    cache,
    ...inColumns(table),
    ...(total.shared_bytes > 0 ? [`${formatBytes(total.shared_bytes)} of it are linked from targets as well`] : []),
    ...(needing.length > 0 ? ['', 'Targets', ...inColumns(needing)] : []),
    ...(total.garbage_bytes > 0 ? ['hint: `pipeline cache gc` removes what nothing needs'] : []),
  ];
}

/** Two spaces between; all but the first column and the last of words to the right. */
function inColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => {
    const cells = row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)));
    const last = row.at(-1)!;
    return `  ${/^[\d.]/.test(last) || last === 'garbage' ? cells.join('  ') : [...cells.slice(0, -1), last].join('  ')}`.trimEnd();
  });
}
