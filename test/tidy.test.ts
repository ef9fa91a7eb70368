import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** Room -> what it may import. Reading top to bottom is the direction data flows. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'pipelines/cli/render': ['pipelines/cli/render', '#engine', 'node'],
  'pipelines/cli/report': ['pipelines/cli/report', 'pipelines/cli/render', 'pipelines/cli', '#engine', 'node'],
  'pipelines/cli': [
    'pipelines/cli',
    'pipelines/cli/render',
    'pipelines/cli/report',
    'pipelines/doctor',
    'pipelines/import',
    'pipelines/documents',
    'pipelines',
    'tasks',
    'tasks/tools',
    'examples/demo',
    '#engine',
    '#cache',
    'zod/mini',
    'node',
  ],
  'pipelines/import': [
    'pipelines/import',
    'pipelines/documents',
    'tasks',
    'tasks/tools',
    '#engine',
    '#cache',
    'zod/mini',
    'node',
  ],
  'pipelines/doctor': ['pipelines/doctor', 'pipelines/documents', 'tasks/tools', '#engine', 'node'],
  'pipelines/documents': ['pipelines/documents', 'tasks', '#engine', '#cache', 'zod/mini', 'node'],
  pipelines: ['pipelines', 'pipelines/documents', 'tasks', '#engine', '#cache', 'zod/mini', 'node'],
  'tasks/tools': ['tasks/tools', '#engine', '#cache', 'zod/mini', 'node'],
  tasks: ['tasks', '#engine', '#cache', 'zod/mini'],
  engine: ['engine', '#cache', 'zod/v4/core', 'node:util'],
  cache: ['cache', 'zod/mini', 'node'],
  'examples/demo': ['examples/demo', 'node'],
};

/** Packages that enter through one door each (a folder counts as one). */
const doors: Readonly<Record<string, string>> = {
  '@redis/client': 'cache/redis-records.ts',
  keyv: 'cache/',
  listr2: 'pipelines/cli/render/',
  'modern-tar': 'cache/tar.ts',
  'p-queue': 'engine/run.ts',
  s3mini: 'tasks/tools/remote/s3-carrier.ts',
  semver: 'tasks/tools/registry.ts',
  'simple-git': 'tasks/tools/git/',
  'smol-toml': 'tasks/tools/python/',
  undici: 'tasks/tools/http/',
  yaml: 'pipelines/documents/yaml.ts',
  yauzl: 'tasks/tools/archive/',
  'zx/core': 'tasks/tools/shell.ts',
};

const sources = globSync('{pipelines,tasks,engine,cache,examples}/**/*.ts');
const rooms = Object.keys(mayImport).toSorted((a, b) => b.length - a.length);
const roomOf = (path: string): string => rooms.find((room) => path.startsWith(`${room}/`)) ?? path;
const importsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^(?:import|export|\}).*? from '([^'\n]+)'|\bimport\('([^'\n]+)'\)/gm)].map(
    ([, from, late]) => from ?? late!,
  );

test('imports point down', () => {
  const wrong = sources.flatMap((file) =>
    importsOf(file)
      .filter((to) => {
        if (Object.hasOwn(doors, to)) return !file.startsWith(doors[to]!);
        const room = to.startsWith('.') ? roomOf(normalize(join(dirname(file), to))) : to;
        const allowed = mayImport[roomOf(file)] ?? [];
        return !allowed.some((rule) => room === rule || (rule === 'node' && room.startsWith('node:')));
      })
      .map((to) => `${file} imports ${to}`),
  );
  expect(wrong).toEqual([]);
});

test('the environment and the arguments are read in one place', () => {
  const readers = sources.filter((file) => /process\.(?:env|argv)\b/.test(readFileSync(file, 'utf8')));
  expect(readers).toEqual(['pipelines/cli/start.ts']);
});

test('nothing is left undone in the sources', () => {
  const marks = /\b(?:FIXM[E]|TOD[O]|XX[X])\b|not implemente[d]/;
  expect(sources.filter((file) => marks.test(readFileSync(file, 'utf8')))).toEqual([]);
});

test('links in the documents lead somewhere', () => {
  const documents = globSync('{*.md,{docs,pipelines,tasks,engine,cache,examples,bench}/**/*.md}');
  const broken = documents.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)]
      .filter(([, to]) => !existsSync(join(dirname(file), to!)))
      .map(([, to]) => `${file} -> ${to}`),
  );
  expect(broken).toEqual([]);
});

test('every export says what it is', () => {
  const silent = sources.flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.flatMap((line, n) =>
      /^export (?:async )?(?:const|function|class|interface)/.test(line) && !documented(lines, n)
        ? [`${file}:${n + 1}`]
        : [],
    );
  });
  expect(silent).toEqual([]);
});

/** A doc comment ends right above, or above the type that shares the name. */
function documented(lines: readonly string[], at: number): boolean {
  const above = lines[at - 1] ?? '';
  if (above.trim().endsWith('*/')) return true;
  const name = /(?:const|function|class|interface) (\w+)/.exec(lines[at]!)?.[1];
  // An overload was documented with the first.
  if (lines.slice(0, at).some((line) => line.startsWith(`export function ${name}<`))) return true;
  return above.startsWith(`export type ${name} `) && (lines[at - 2] ?? '').trim().endsWith('*/');
}
