import * as z from 'zod/mini';

import { Tree } from '#cache';
import { defineTask } from '#engine';
import { Requirement } from './requirement.ts';

/** Reads what a core or a node asks of Python, and what it calls itself. */
export const readRequirements = defineTask({
  name: 'read-requirements',
  revision: 2,
  resource: 'cpu',
  input: z.object({ name: z.string(), fetched: z.object({ source: Tree }) }),
  output: z.object({ name: z.string(), requirements: z.array(Requirement), project: z.exactOptional(z.string()) }),
  about: ({ name }) => name,
  title: ({ name }) => name,
  async run({ name, fetched: { source } }, { python, store }) {
    const text = await store.readText(source, 'requirements.txt');
    const project = await python.project((await store.readText(source, 'pyproject.toml')) ?? '');
    // Whoever has both repeats there what is here, or asks for less.
    const [asked, file] =
      text === undefined ? [project?.dependencies.join('\n') ?? '', 'pyproject.toml'] : [text, 'requirements.txt'];
    const lines = await python.requirementLines(asked, `${name}/${file}`);
    return {
      name,
      // A list has no lines that anybody could look up.
      requirements: lines.map((line) => (text === undefined ? { ...line, where: `${name}/${file}` } : line)),
      ...(project === undefined ? {} : { project: project.name }),
    };
  },
});
