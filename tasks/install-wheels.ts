import * as z from 'zod/mini';

import { Tree } from '#cache';
import { definePlaced } from '#engine';
import { Placement } from './placement.ts';
import { WheelFilename } from './vocabulary.ts';

/** Puts every wheel of the lockfile into the virtual environment, and nothing else: no index, no resolver, no scripts. */
export const installWheels = definePlaced({
  name: 'install-wheels',
  revision: 1,
  resource: 'disk',
  input: z.object({
    venv: Placement,
    wheels: z.array(z.object({ filename: WheelFilename, installed: Tree })),
  }),
  output: Placement,
  title: ({ wheels }) => `${wheels.length} ${wheels.length === 1 ? 'package' : 'packages'}`,
  slot: () => 'wheels',
  run: async ({ wheels }, { site }) =>
    site.stage({
      slot: 'wheels',
      base: '.venv',
      parts: wheels.map(({ installed }) => ({ tree: installed, at: '', how: 'link' })),
    }),
});
