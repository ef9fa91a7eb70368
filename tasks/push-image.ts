import * as z from 'zod/mini';

import { defineQuestion } from '#engine';
import { Image, Written } from './image-layer.ts';

/** Sends an image to a registry. What it has already is not sent again. */
export const pushImage = defineQuestion({
  name: 'push-image',
  revision: 1,
  resource: 'network',
  input: z.object({
    image: Image,
    to: z.string(),
  }),
  output: Written,
  title: ({ to }) => to,
  run: async ({ image, to }, { images }) => images.push(image, to),
});
