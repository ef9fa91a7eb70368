import type { Run } from './beside.ts';
import { isStillAsSeen, type Looked, type Sights, takes } from './looker.ts';

/** Looks at every object that nobody has begun with, one after the other. */
export const run: Run<Sights, Looked> = (order, say) => {
  for (const [n, sight] of order.sights.entries()) if (takes(order, n)) say({ n, isStill: isStillAsSeen(sight) });
};
