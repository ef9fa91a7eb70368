import * as z from 'zod';

import { Tree } from '#cache';
import { defineTask } from '#engine';
import { Requirement } from './requirement.ts';

/** Reads what a core or a node asks of Python, and what it calls itself. */
export const readRequirements = defineTask({
  name: 'read-requirements',
  revision: 2,
  resource: 'cpu',
  input: z.object({ name: z.string(), fetched: z.object({ source: Tree }) }),
  output: z.object({ name: z.string(), requirements: z.array(Requirement), project: z.string().exactOptional() }),
  about: ({ name }) => name,
  title: ({ name }) => name,
  async run({ name, fetched: { source } }, { python, store }) {
    const text = await store.readText(source, 'requirements.txt');
    const project = await python.project((await store.readText(source, 'pyproject.toml')) ?? '');
    return {
      name,
      requirements: [...(await python.requirementLines(text ?? '', `${name}/requirements.txt`))],
      ...(project === undefined ? {} : { project: project.name }),
    };
  },
});
