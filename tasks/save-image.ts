import * as z from 'zod/mini';

import { defineQuestion } from '#engine';
import { Image, Written } from './image-layer.ts';

/** Writes an image where it was asked for: into an OCI layout, beside others, or as one file. Paths are absolute. */
export const saveImage = defineQuestion({
  name: 'save-image',
  revision: 1,
  resource: 'disk',
  input: z.object({
    image: Image,
    to: z.union([z.object({ directory: z.string() }), z.object({ file: z.string() })]),
    tag: z.string(),
  }),
  output: Written,
  title: ({ to }) => ('directory' in to ? to.directory : to.file),
  run: async ({ image, to, tag }, { images }) =>
    'directory' in to ? images.toLayout(image, { ...to, tag }) : images.toArchive(image, { ...to, tag }),
});
