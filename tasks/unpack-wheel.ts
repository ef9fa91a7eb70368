import * as z from 'zod/mini';

import { Blob, hexOf, Tree } from '#cache';
import { defineTask } from '#engine';
import { Interpreter } from './interpreter.ts';
import { WheelFilename } from './vocabulary.ts';

/** Turns a wheel into what it installs, byte-compiled, once for each Python: every environment then links the same files. */
export const unpackWheel = defineTask({
  name: 'unpack-wheel',
  revision: 1,
  // What takes the processor is done by compilers, which are as many as it has cores.
  resource: 'disk',
  input: z.object({
    /** What the plan calls it: of a wheel that is still to be built nobody knows the name. */
    filename: z.string(),
    /** In bytes, where the lockfile says so. */
    size: z.optional(z.number()),
    wheel: z.object({ filename: WheelFilename, file: Blob }),
    interpreter: Interpreter,
    installer: z.enum(['pipeline', 'uv', 'pip']),
  }),
  output: z.object({ filename: WheelFilename, installed: Tree }),
  about: ({ filename }) => filename,
  title: ({ filename }) => filename,
  // Where the interpreter is does not matter, only what it is.
  identity: ({ wheel, interpreter: { cacheTag, platform }, installer }) => ({ wheel, cacheTag, platform, installer }),
  // The largest have the most to compile; one that came last would keep all but one processor waiting.
  weight: ({ size }) => size,
  async run({ wheel: { filename, file }, interpreter }, { python, store }) {
    const into = `${await store.scratch()}/installed`;
    const wheel = store.pathOf(file);
    const known = await python.unpackWheel({ wheel, filename, sha256: hexOf(file), interpreter, into });
    return { filename, installed: await store.keepTree(into, known) };
  },
});
