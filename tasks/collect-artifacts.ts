import * as z from 'zod/mini';

import { defineQuestion } from '#engine';

/** Wants the bytes of artifacts and does nothing with them: so the engine proves what is there, and makes what is not. */
export const collectArtifacts = defineQuestion({
  name: 'collect-artifacts',
  revision: 1,
  resource: 'disk',
  input: z.object({ artifacts: z.array(z.unknown()) }),
  output: z.object({}),
  title: ({ artifacts }) => `${artifacts.length} artifacts`,
  run: async () => ({}),
});
