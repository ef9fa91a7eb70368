import { parse } from 'smol-toml';
import * as z from 'zod';

import type { Project } from '#engine';

const Urls = z.record(z.string(), z.unknown());
const Document = z.object({
  project: z.object({
    name: z.string().min(1),
    version: z.string().optional().catch(undefined),
    urls: Urls.catch({}),
    dependencies: z.array(z.string()).catch([]),
  }),
});

/** What a `pyproject.toml` says of its project; undefined when it cannot be read as one. */
export function readProject(text: string): Project | undefined {
  const { project } = parsed(text) ?? {};
  if (project === undefined) return undefined;
  const { name, version, dependencies } = project;
  const [, repository] = Object.entries(project.urls).find(([label]) => label.toLowerCase() === 'repository') ?? [];
  return {
    name,
    dependencies,
    ...(version === undefined ? {} : { version }),
    ...(typeof repository === 'string' ? { repository } : {}),
  };
}

function parsed(text: string): z.infer<typeof Document> | undefined {
  try {
    return Document.safeParse(parse(text)).data;
  } catch {
    return undefined;
  }
}
