import * as z from 'zod/mini';

import { Tree } from '#cache';
import { defineTask, Failed } from '#engine';
import { BaseImage } from './image-layer.ts';
import { Interpreter } from './interpreter.ts';

/** Writes the empty virtual environment of an image, for the Python that is there; packages are compiled by the one that is here. */
export const writeVenv = defineTask({
  name: 'write-venv',
  revision: 1,
  resource: 'disk',
  input: z.object({
    interpreter: Interpreter,
    /** Where the image's Python is, when that is known. */
    python: z.exactOptional(z.string()),
    base: z.exactOptional(BaseImage),
  }),
  output: z.object({ tree: Tree }),
  title: ({ interpreter: { version } }) => `Python ${minorOf(version)}`,
  identity: ({ interpreter: { version, platform }, python, base }) => ({
    minor: minorOf(version),
    platform,
    ...(python === undefined ? { programs: base?.programs ?? [] } : { python }),
  }),
  async run({ interpreter, python, base }, tools) {
    const minor = minorOf(interpreter.version);
    const path = python ?? (base === undefined ? `/usr/bin/python${minor}` : programFor(minor, base));
    const into = `${await tools.store.scratch()}/venv`;
    // Which patch level the image has is not known, and does not matter to what is installed.
    await tools.python.writeVenv({ interpreter: { ...interpreter, version: minor, path }, into });
    return { tree: await tools.store.keepTree(into) };
  },
});

const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');

function programFor(minor: string, { programs }: BaseImage): string {
  const program = programs.find((path) => path.endsWith(`/python${minor}`));
  if (program !== undefined) return program;
  const found = programs.length === 0 ? 'it has no Python' : `it has ${programs.join(', ')}`;
  throw new Failed({
    kind: 'absent',
    what: `Python ${minor} in the base image`,
    hint: `${found}; choose another --base, or lock the version for the Python it has (python.version)`,
  });
}
