import type { RunStep } from './run-model.ts';

/** Steps of one task that stand together in a drawing, and the groups whose outputs they use. */
export interface Group {
  readonly id: number;
  readonly task: string;
  readonly steps: readonly RunStep[];
  readonly needs: readonly number[];
  /** Some of its steps use others of it: they run one after another. */
  readonly isChain: boolean;
}

/** A point in a drawing, in its units. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A group in its place. */
export interface Placed extends Group, Point {
  readonly width: number;
  readonly height: number;
}

/** An arrow, through these points. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly points: readonly Point[];
}

/** A layered drawing: columns in the direction in which data flows. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Placed[];
  readonly arrows: readonly Arrow[];
}

/** How boxes are spaced, and how large each is. */
export interface Measures {
  readonly width: number;
  readonly heightOf: (group: Group) => number;
  readonly between: { readonly columns: number; readonly rows: number };
}

/** Something that takes room in a column: a box, or an arrow on its way past. */
interface Stop {
  readonly group?: Group;
  readonly before: readonly Stop[];
  readonly column: number;
  readonly height: number;
  order: number;
  y: number;
}

/** Height of an arrow's way past a column. */
const passing = 10;

/** Places groups in columns so that arrows lead to the right, and cross little. */
export function layOutGroups(groups: readonly Group[], { width, heightOf, between }: Measures): Drawing {
  const columns = columnsOf(groups);
  const needs = shortenedNeeds(groups);
  const stops = new Map<number, Stop>();
  const all: Stop[] = [];
  const ways = new Map<string, readonly Stop[]>();
  const add = (stop: Omit<Stop, 'order' | 'y'>): Stop => {
    const made = { ...stop, order: all.length, y: 0 };
    all.push(made);
    return made;
  };
  for (const group of groups) {
    const column = columns[group.id]!;
    const before = needs[group.id]!.map((need) => {
      const way: Stop[] = [];
      for (let at = columns[need]! + 1; at < column; at++)
        way.push(add({ before: [way.at(-1) ?? stops.get(need)!], column: at, height: passing }));
      ways.set(`${need} ${group.id}`, way);
      return way.at(-1) ?? stops.get(need)!;
    });
    stops.set(group.id, add({ group, before, column, height: heightOf(group) }));
  }
  const height = arrange(all, between.rows);
  const left = (column: number): number => column * (width + between.columns);
  const middle = ({ y, height: tall }: Stop): number => y + tall / 2;
  return {
    width: left(Math.max(0, ...columns)) + width,
    height,
    boxes: groups.map((group) => {
      const { column, y, height: tall } = stops.get(group.id)!;
      return { ...group, x: left(column), y, width, height: tall };
    }),
    arrows: [...ways].map(([key, way]) => {
      const [from, to] = key.split(' ').map(Number) as [number, number];
      const [start, end] = [stops.get(from)!, stops.get(to)!];
      const past = way.flatMap((stop) => [
        { x: left(stop.column), y: middle(stop) },
        { x: left(stop.column) + width, y: middle(stop) },
      ]);
      const points = [
        { x: left(start.column) + width, y: middle(start) },
        ...past,
        { x: left(end.column), y: middle(end) },
      ];
      return { from, to, points };
    }),
  };
}

/** The column of each group: right of all it needs. What needs nothing stands just before who uses it first. */
function columnsOf(groups: readonly Group[]): readonly number[] {
  const columns: number[] = [];
  for (const { id, needs } of groups) columns[id] = Math.max(-1, ...needs.map((need) => columns[need]!)) + 1;
  for (const { id, needs } of groups) {
    const users = groups.filter((other) => other.needs.includes(id)).map((other) => columns[other.id]!);
    if (needs.length === 0 && users.length > 0) columns[id] = Math.min(...users) - 1;
  }
  return columns;
}

/** The needs of each group that do not follow from its others. */
function shortenedNeeds(groups: readonly Group[]): readonly (readonly number[])[] {
  const above: ReadonlySet<number>[] = [];
  for (const { id, needs } of groups) above[id] = new Set(needs.flatMap((need) => [need, ...above[need]!]));
  return groups.map(({ needs }) => needs.filter((need) => !needs.some((other) => above[other]!.has(need))));
}

/** Orders each column by where its neighbours stand, and stacks it. Answers the height of the whole. */
function arrange(stops: readonly Stop[], gap: number): number {
  const columns = [...Map.groupBy(stops, ({ column }) => column)]
    .toSorted(([a], [b]) => a - b)
    .map(([, column]) => column);
  const after = new Map<Stop, Stop[]>(stops.map((stop) => [stop, []]));
  for (const stop of stops) for (const earlier of stop.before) after.get(earlier)!.push(stop);
  const rank = (neighbours: readonly Stop[], own: number): number =>
    neighbours.length === 0 ? own : neighbours.reduce((sum, { order }) => sum + order, 0) / neighbours.length;
  for (let sweep = 0; sweep < 6; sweep++)
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed()) {
      const ranks = new Map(
        column.map((stop) => [stop, rank(sweep % 2 === 0 ? stop.before : after.get(stop)!, stop.order)] as const),
      );
      column.sort((a, b) => ranks.get(a)! - ranks.get(b)! || a.order - b.order);
      column.forEach((stop, order) => (stop.order = order));
    }
  const heights = columns.map((column) => column.reduce((sum, { height }) => sum + height + gap, -gap));
  const tallest = Math.max(0, ...heights);
  columns.forEach((column, at) => {
    let y = (tallest - heights[at]!) / 2;
    for (const stop of column) {
      stop.y = y;
      y += stop.height + gap;
    }
  });
  return tallest;
}
