import { existsSync } from 'node:fs';

// A checkout runs its sources, whatever was built there; a package has none.
const isCheckout = existsSync(`${import.meta.dirname}/face.ts`);

export const { Blob, Failed, Tree, definePipeline, definePlaced, defineQuestion, defineTask, planFor } = await import(
  isCheckout ? './face.ts' : '../dist/face.js'
);
