import * as z from 'zod/mini';

import { Tree } from '#cache';
import { definePlaced } from '#engine';
import { Placement } from './placement.ts';

/** What people keep elsewhere and link to: ComfyUI has nothing in these but placeholders. */
const keepsakes = ['custom_nodes', 'input', 'models', 'output', 'temp', 'user'];

/** Lays ComfyUI out as the target. What people keep there (input, output, user, models, custom nodes, edits) stays. */
export const placeCore = definePlaced({
  name: 'place-core',
  revision: 1,
  resource: 'disk',
  input: z.object({ core: z.object({ source: Tree }) }),
  output: Placement,
  title: () => 'ComfyUI',
  slot: () => 'core',
  run: async ({ core }, { site }) =>
    site.stage({ slot: 'core', base: '', parts: [{ tree: core.source, at: '', how: 'copy' }], yieldsTo: keepsakes }),
});
