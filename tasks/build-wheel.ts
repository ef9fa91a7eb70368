import * as z from 'zod/mini';

import { Blob, Tree } from '#cache';
import { defineTask } from '#engine';
import { Interpreter } from './interpreter.ts';
import { RelativePath, WheelFilename } from './vocabulary.ts';

/**
 * Builds a wheel from its source, once for each Python and platform: what is compiled is never compiled again. Its builder
 * runs in an environment of its own that holds the pinned tools and nothing else, and finds no network.
 */
export const buildWheel = defineTask({
  name: 'build-wheel',
  revision: 1,
  resource: 'cpu',
  input: z.object({
    name: z.string(),
    version: z.string(),
    fetched: z.object({ source: z.union([Blob, Tree]) }),
    subdirectory: z.exactOptional(RelativePath),
    tools: z.array(z.object({ installed: Tree })),
    /** What is installed beside it and has code of its own for this platform: compiled code may be made for just that. */
    against: z.array(z.object({ name: z.string(), version: z.string() })),
    interpreter: Interpreter,
  }),
  output: z.object({ filename: WheelFilename, file: Blob }),
  about: ({ name }) => name,
  title: ({ name, version }) => `${name} ${version}`,
  // The tools say how it is built, not what: a newer one is no reason to compile an hour again.
  identity: ({ fetched, subdirectory, against, interpreter: { cacheTag, platform } }) => ({
    ...fetched,
    ...(subdirectory === undefined ? {} : { subdirectory }),
    ...(against.length === 0 ? {} : { against }),
    cacheTag,
    platform,
  }),
  async run({ fetched: { source }, subdirectory, tools, interpreter }, { python, store }) {
    const into = `${await store.scratch()}/built`;
    const { filename } = await python.buildWheel({
      source: { path: store.pathOf(source), ...(subdirectory === undefined ? {} : { subdirectory }) },
      tools: tools.map(({ installed }) => store.pathOf(installed)),
      interpreter,
      into,
    });
    return { filename, file: await store.keepFile(`${into}/${filename}`) };
  },
});
