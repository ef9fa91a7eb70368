import * as z from 'zod/mini';

import { defineQuestion } from '#engine';
import { BaseImage } from './image-layer.ts';

/** Reads the image that another one is to be made upon. `from` is an absolute path: an OCI layout or an archive. */
export const readBase = defineQuestion({
  name: 'read-base',
  revision: 1,
  resource: 'disk',
  input: z.object({ from: z.string(), architecture: z.string() }),
  output: BaseImage,
  title: ({ from }) => from,
  run: async (what, { images }) => images.base(what),
});
