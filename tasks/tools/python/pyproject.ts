import { parse } from 'smol-toml';
import * as z from 'zod/mini';

import type { Project } from '#engine';

const Urls = z.record(z.string(), z.unknown());
const Document = z.object({
  project: z.object({
    name: z.string().check(z.minLength(1)),
    version: z.catch(z.optional(z.string()), undefined),
    urls: z.catch(Urls, {}),
    dependencies: z.catch(z.array(z.string()), []),
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

const parsed = (text: string): z.infer<typeof Document> | undefined => Document.safeParse(tomlOf(text)).data;

/** How a source says it is built: what that takes, and who does it. */
export interface BuildSystem {
  readonly requires: readonly string[];
  /** `module` or `module:object` */
  readonly backend: string;
  /** Directories of the source that the builder itself is in. */
  readonly backendPath: readonly string[];
}

const Build = z.object({
  'build-system': z.object({
    requires: z.array(z.string()),
    'build-backend': z.optional(z.string()),
    'backend-path': z._default(z.array(z.string()), []),
  }),
});

/** What is meant by a source that says nothing: that is how all were built once. */
const usual: BuildSystem = {
  requires: ['setuptools>=40.8.0', 'wheel'],
  backend: 'setuptools.build_meta:__legacy__',
  backendPath: [],
};

/** The build system of a `pyproject.toml`, whose text may be empty. */
export function readBuildSystem(text: string): BuildSystem {
  const said = Build.safeParse(tomlOf(text)).data?.['build-system'];
  if (said === undefined) return usual;
  return {
    requires: said.requires,
    backend: said['build-backend'] ?? usual.backend,
    backendPath: said['backend-path'],
  };
}

const Static = z.object({
  project: z.object({
    name: z.string(),
    version: z.string(),
    dependencies: z._default(z.array(z.string()), []),
    'optional-dependencies': z._default(z.record(z.string(), z.array(z.string())), {}),
    'requires-python': z.optional(z.string()),
    dynamic: z._default(z.array(z.string()), []),
  }),
});

/** What a `pyproject.toml` promises of every wheel made from its source, as METADATA; nothing when only building tells. */
export function staticMetadata(text: string): string | undefined {
  const project = Static.safeParse(tomlOf(text)).data?.project;
  if (project === undefined) return undefined;
  const { name, version, dynamic, dependencies } = project;
  if (['dependencies', 'optional-dependencies', 'requires-python'].some((field) => dynamic.includes(field)))
    return undefined;
  const optional = Object.entries(project['optional-dependencies']).flatMap(([extra, lines]) => [
    `Provides-Extra: ${extra}`,
    ...lines.map((line) => `Requires-Dist: ${onlyFor(line, extra)}`),
  ]);
  const python = project['requires-python'];
  return [
    'Metadata-Version: 2.2',
    `Name: ${name}`,
    `Version: ${version}`,
    ...(python === undefined ? [] : [`Requires-Python: ${python}`]),
    ...dependencies.map((line) => `Requires-Dist: ${oneLine(line)}`),
    ...optional,
    '',
  ].join('\n');
}

/** A requirement under the condition that somebody asks for the extra. */
function onlyFor(line: string, extra: string): string {
  const [, wish = '', marker] = /^([^;]*)(?:;(.*))?$/s.exec(oneLine(line)) ?? [];
  return `${wish.trim()} ; ${marker === undefined ? '' : `(${marker.trim()}) and `}extra == "${extra}"`;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

function tomlOf(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
