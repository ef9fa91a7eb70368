import * as z from 'zod/mini';

import { defineTask } from '#engine';
import { BaseImage, Image, ImageLayer } from './image-layer.ts';

const Texts = z.array(z.string());
const Variables = z.record(z.string(), z.string());

/** Writes what says which layers an image has and how it is run. The same layers and the same wishes give the same digest. */
export const composeImage = defineTask({
  name: 'compose-image',
  revision: 1,
  resource: 'cpu',
  input: z.object({
    base: z.exactOptional(BaseImage),
    layers: z.array(ImageLayer),
    architecture: z.string(),
    created: z.string(),
    directory: z.string(),
    owner: z.int(),
    env: Variables,
    path: z.string(),
    entrypoint: Texts,
    command: Texts,
    port: z.int(),
    healthcheck: Texts,
    labels: Variables,
  }),
  output: Image,
  title: ({ layers }) => `${layers.length} layers`,
  run: async (wish, { images }) => images.compose(wish),
});
