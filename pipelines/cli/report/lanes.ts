import type { Resource } from '#engine';
import { resourceOf, type RunModel, type RunStep, type Span } from './run-model.ts';

/** A place in which one step of a resource is at work at a time: `network 3`. */
export interface Lane {
  readonly resource: Resource | 'run';
  /** From 1 on. */
  readonly slot: number;
  /** In order, none before the one before it has ended. */
  readonly items: readonly Item[];
}

/** A step in its lane. */
export interface Item extends Span {
  readonly step: RunStep;
}

/** How many steps of a resource were ready and not at work, from a moment on. */
export interface QueueLength {
  readonly at: number;
  readonly waiting: number;
}

const order = ['network', 'cpu', 'disk', 'run'] as const;

/** The lanes that were used, by resource. A step takes the first that is free when it begins. */
export function lanesOf({ steps, head }: Pick<RunModel, 'steps' | 'head'>): readonly Lane[] {
  return order.flatMap((resource) => {
    const most = resource === 'run' ? Infinity : head.limits[resource];
    const slots: Item[][] = [];
    for (const { step, began, ended } of atWork(steps, resource)) {
      const free =
        slots.find((items) => items.at(-1)!.ended <= began) ?? (slots.length < most ? added(slots) : undefined);
      // Times are whole microseconds at best: where all seem taken, the one that ends first is about to be free.
      const items = free ?? slots.toSorted((a, b) => a.at(-1)!.ended - b.at(-1)!.ended)[0]!;
      const from = Math.max(began, items.at(-1)?.ended ?? 0);
      items.push({ step, began: from, ended: Math.max(from, ended) });
    }
    return slots.map((items, index) => ({ resource, slot: index + 1, items }));
  });
}

function added(slots: Item[][]): Item[] {
  const items: Item[] = [];
  slots.push(items);
  return items;
}

function atWork(steps: readonly RunStep[], resource: Lane['resource']): readonly Item[] {
  const working = steps.flatMap((step) =>
    step.work !== undefined && resourceOf(step) === resource ? [{ step, ...step.work }] : [],
  );
  return working.toSorted((a, b) => a.began - b.began);
}

/** How the queue of a resource grew and shrank; empty where nothing ever waited for a millisecond. */
export function queueOf(steps: readonly RunStep[], resource: Lane['resource']): readonly QueueLength[] {
  const changes = atWork(steps, resource).flatMap(({ step: { work }, began }) =>
    began - work!.ready < 1
      ? []
      : [
          { at: work!.ready, by: 1 },
          { at: began, by: -1 },
        ],
  );
  let waiting = 0;
  const lengths = new Map<number, number>();
  for (const { at, by } of changes.toSorted((a, b) => a.at - b.at)) lengths.set(at, (waiting += by));
  return [...lengths].map(([at, length]) => ({ at, waiting: length }));
}
