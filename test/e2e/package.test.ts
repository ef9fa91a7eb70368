import { execFile } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

import * as sources from '../../engine/face.ts';
import { contentsOf, realize } from './crash-rig.ts';
import { checkout, openDemo } from './rig.ts';
import { changedPaths } from './tree.ts';

/** A directory of a user's, in which the package is installed from its tarball. */
const project = mkdtempSync(join(tmpdir(), 'package-'));
const at = (...names: readonly string[]): string => join(project, ...names);
const installed = at('node_modules/comfy-pipeline');

const environment = {
  ...process.env,
  // The runtime of these tests, whatever else this machine has.
  PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  COMFY_CACHE_ROOT: at('cache'),
  MODELS_DIR: at('cache/models'),
};

/** Runs a program, in the project unless told otherwise, and answers what it printed. Rejects when it fails. */
async function run(program: string, args: readonly string[], cwd = project): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { cwd, env: environment });
  return stdout;
}

const pipeline = (...args: readonly string[]): Promise<string> => run(at('node_modules/.bin/pipeline'), args);

/** The summary that ends what `--json` prints. */
const summaryOf = (printed: string): unknown => JSON.parse(printed.trim().split('\n').at(-1)!);

beforeAll(async () => {
  writeFileSync(at('package.json'), JSON.stringify({ private: true, type: 'module' }));
  await run('npm', ['pack', '--pack-destination', project], checkout);
  const [tarball] = globSync(at('*.tgz'));
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball!]);
});
afterAll(() => rmSync(project, { recursive: true }));

it('the package runs JavaScript alone, and knows nothing of the directory it was built in', () => {
  const code = globSync('**/*.{js,ts}', { cwd: installed, exclude: ['examples/**', '**/*.d.ts'] });
  expect(code.filter((file) => file.endsWith('.ts'))).toEqual([]);
  const here = code.filter((file) => readFileSync(join(installed, file), 'utf8').includes(checkout));
  expect(here).toEqual([]);
});

it('npx pipeline --version prints the release, --help the verbs', async () => {
  const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string };
  expect(await run('npx', ['--no', '--', 'pipeline', '--version'])).toBe(`${version}\n`);
  expect(await pipeline('--help')).toContain('pipeline <verb> --help says more');
});

it('the shipped demo is realized in a project without versions, the same as from a checkout, and then nothing is to do', async () => {
  using bench = openDemo();
  await realize(bench, bench.target, 'demo');
  const target = at('target');
  expect(summaryOf(await pipeline('realize', 'demo', '--target', target, '--json'))).toMatchObject({
    ok: true,
    cached: 0,
  });
  expect(changedPaths(contentsOf(target), contentsOf(bench.target))).toEqual([]);
  expect(summaryOf(await pipeline('realize', 'demo', '--target', target, '--json'))).toMatchObject({
    ok: true,
    built: 0,
  });
});

it('a run of it is told by a page', async () => {
  const trace = at('trace.json');
  const target = at('target-of-page');
  await pipeline('realize', 'demo', '--target', target, '--trace', trace, '--json');
  expect(JSON.parse(readFileSync(trace, 'utf8'))).toMatchObject({ displayTimeUnit: 'ms' });
  expect(await pipeline('report', 'demo', '--target', target)).toContain(at('demo-report.html'));
  const page = readFileSync(at('demo-report.html'), 'utf8');
  for (const part of ['<title>demo: realize done</title>', 'class="timeline"', 'class="graph"', '</html>'])
    expect(page).toContain(part);
});

const greet = `import { definePipeline, defineTask } from 'comfy-pipeline';
import * as z from 'zod';

const shout = defineTask({
  name: 'shout',
  revision: 1,
  resource: 'cpu',
  input: z.object({ text: z.string() }),
  output: z.string(),
  title: ({ text }) => \`Shout \${text}\`,
  run: async ({ text }) => text.toUpperCase(),
});

export const greet = definePipeline({
  name: 'greet',
  summary: 'Say it loud, twice as loud the second time',
  plan: ({ args }: { args: readonly string[] }) => shout({ text: shout({ text: args[0] ?? 'hello' }) }),
});
`;

/** The same with schemas of zod/mini. */
const greetMini = greet.replace("'zod'", "'zod/mini'");

it("a pipeline of the user's own runs by its name", async () => {
  mkdirSync(at('pipelines'));
  writeFileSync(at('pipelines/greet.ts'), greet);
  expect(summaryOf(await pipeline('greet', 'you', '--json'))).toMatchObject({ ok: true, built: 2, result: 'YOU' });
  expect(summaryOf(await pipeline('greet', 'you', '--json'))).toMatchObject({ ok: true, built: 0, result: 'YOU' });
});

const words = async (): Promise<unknown> => summaryOf(await pipeline('words', '--json'));

it("another release of a package that a user's own pipeline imports is another pipeline", async () => {
  const release = (version: string, word: string): void => {
    rmSync(at('node_modules/word'), { recursive: true, force: true });
    mkdirSync(at('node_modules/word/lib'), { recursive: true });
    writeFileSync(
      at('node_modules/word/package.json'),
      JSON.stringify({ version, type: 'module', main: 'lib/word.js' }),
    );
    writeFileSync(at('node_modules/word/lib/word.js'), `export const word = '${word}';\n`);
  };
  release('1.0.0', 'one');
  const own = greet.replace("from 'zod';", "from 'zod';\nimport { word } from 'word';");
  writeFileSync(at('pipelines/words.ts'), own.replace("name: 'greet'", "name: 'words'").replace("'hello'", 'word'));
  expect([await words(), await words()]).toMatchObject([{ result: 'ONE' }, { built: 0, result: 'ONE' }]);
  release('1.0.0', 'two');
  expect(await words()).toMatchObject({ result: 'TWO' });
  writeFileSync(at('node_modules/word/lib/other.js'), "export const word = 'six';\n");
  writeFileSync(at('node_modules/word/package.json'), JSON.stringify({ type: 'module', main: 'lib/other.js' }));
  expect(await words()).toMatchObject({ result: 'SIX' });
});

it("the schemas of a user's own pipeline may be those of zod/mini: keys stay the same", async () => {
  writeFileSync(at('pipelines/greet.ts'), greetMini);
  expect(summaryOf(await pipeline('greet', 'you', '--json'))).toMatchObject({ ok: true, built: 0, result: 'YOU' });
  expect(summaryOf(await pipeline('greet', 'all', '--json'))).toMatchObject({ ok: true, built: 2, result: 'ALL' });
  // Nothing else in that process knows a language.
  writeFileSync(at('pipelines/greet.ts'), greetMini.replace('text.toUpperCase()', 'text.length as unknown as string'));
  const said = await pipeline('greet', 'me', '--json').catch((error: { readonly stdout: string }) => error.stdout);
  expect(said).toContain('output : Invalid input: expected string, received number');
});

it("a pipeline of the user's own is checked against the types of the package", async () => {
  mkdirSync(at('checked'));
  writeFileSync(at('checked/right.ts'), greet);
  writeFileSync(at('checked/mini.ts'), greetMini);
  writeFileSync(at('checked/wrong.ts'), greet.replace('text: args[0]', 'text: args.length'));
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck: true,
  };
  writeFileSync(at('tsconfig.json'), JSON.stringify({ compilerOptions, include: ['checked'] }));
  const tsc = run(join(checkout, 'node_modules/.bin/tsc'), ['--pretty', 'false']);
  const said = await tsc.catch((error: { readonly stdout: string }) => error.stdout);
  const problems = said.split('\n').filter((line) => /^\S/.test(line));
  expect(problems).toEqual([expect.stringMatching(/^checked\/wrong\.ts\(\d+,\d+\): error TS2322: /)]);
});

it('a checkout exports its sources under the same names', async () => {
  const face = (await import('../../engine/face.js')) as Readonly<Record<string, unknown>>;
  expect({ ...face }).toEqual({ ...sources });
});
