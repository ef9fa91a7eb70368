import * as z from 'zod';

import { Blob, blobOf } from '#cache';
import { defineTask } from '#engine';

export const title = { pipeline: 'test', subject: 'x' };
export const hex = (letter: string): string => letter.repeat(64);

/** A task whose every run is noted in `ran`, and which yields a blob named by its input. */
export function recorder(ran: string[], fail: (name: string) => void = () => {}) {
  const fetch = defineTask({
    name: 'fetch',
    revision: 1,
    resource: 'network',
    input: z.object({ name: z.string(), mirrors: z.array(z.string()).default([]) }),
    output: z.object({ file: Blob }),
    about: ({ name }) => name,
    title: ({ name }) => `Fetch ${name}`,
    identity: ({ name }) => ({ name }),
    bytes: () => 10,
    async run({ name }) {
      ran.push(`fetch ${name}`);
      fail(name);
      return { file: blobOf(hex(name.slice(0, 1))) };
    },
  });
  const pack = defineTask({
    name: 'pack',
    revision: 1,
    resource: 'cpu',
    input: z.object({ name: z.string(), files: z.array(z.object({ file: Blob })) }),
    output: z.object({ file: Blob }),
    about: ({ name }) => name,
    title: ({ name }) => `Pack ${name}`,
    async run({ name, files }) {
      ran.push(`pack ${name}`);
      fail(name);
      return { file: blobOf(hex(files.length > 1 ? 'e' : 'f')) };
    },
  });
  return { fetch, pack };
}

/** A task that does nothing, to be made into one that does something. */
export const spec = {
  name: 'plain',
  revision: 1,
  resource: 'cpu',
  input: z.object({ from: z.string() }),
  output: z.string(),
  title: () => 'Plain',
  run: async () => 'done',
} as const;
