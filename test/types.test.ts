import { expectTypeOf, test } from 'vitest';

import type { Blob, Tree } from '#cache';
import type { Step } from '#engine';
import { fetchModel } from '../tasks/fetch-model.ts';
import { fetchNode } from '../tasks/fetch-node.ts';
import { installWheels } from '../tasks/install-wheels.ts';
import { placeNode } from '../tasks/place-node.ts';
import { swapNodes } from '../tasks/swap-nodes.ts';

test('a step carries the type its task yields, and fits only where that fits', () => {
  const pin = { commit: 'c' };
  const fetched = fetchNode({ name: 'x', repo: 'https://x', pin });
  const model = fetchModel({ path: 'a', sources: ['b'], sha256: 'c' });
  const swapped = swapNodes({ nodes: [] });
  expectTypeOf(fetched).toExtend<Step<{ source: Tree; version: string }>>();
  expectTypeOf(model).toExtend<Step<{ file: Blob }>>();
  placeNode({ name: 'x', kind: 'git', fetched, swapped });
  // @ts-expect-error a model is no node
  placeNode({ name: 'x', kind: 'git', fetched: model, swapped });
  // @ts-expect-error a node has a pin
  fetchNode({ name: 'x', repo: 'https://x' });
  // @ts-expect-error wheels are unpacked before they are installed
  installWheels({ venv: swapped, wheels: [model] });
});
