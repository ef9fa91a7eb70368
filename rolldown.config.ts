import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { defineConfig } from 'rolldown';

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
// zod is built in, without what is not used of it, and p-queue: in one file each loads in a fraction of the time.
const external = Object.keys(dependencies).filter((name) => name !== 'zod' && name !== 'p-queue');

/** What a command with nothing to do loads: one file. */
const start = defineConfig({
  input: { start: 'pipelines/cli/start.ts' },
  platform: 'node',
  output: { dir: 'dist', format: 'cjs', entryFileNames: '[name].cjs' },
});

/** What is published besides: the command line, and what users' own pipelines import. What is imported late stays in files of its own. */
const rest = defineConfig({
  input: {
    main: 'pipelines/cli/main.ts',
    face: 'engine/face.ts',
    'look-worker': 'tasks/tools/site/look-worker.ts',
    'link-beside': 'tasks/tools/site/link-beside.ts',
    'hash-worker': 'tasks/tools/http/hash-worker.ts',
    'prove-worker': 'cache/prove-worker.ts',
    'beside-worker': 'cache/beside-worker.ts',
    'look-beside': 'cache/look-beside.ts',
  },
  platform: 'node',
  external: (id) => isBuiltin(id) || external.some((name) => id === name || id.startsWith(`${name}/`)),
  // No module of ours does anything by being loaded (but the programs of threads), so that who needs one of the engine does not
  // load them all.
  treeshake: { moduleSideEffects: (id) => id.includes('node_modules') || id.endsWith('-worker.ts') },
  output: {
    dir: 'dist',
    cleanDir: true,
    chunkFileNames: '[name].js',
    codeSplitting: {
      groups: [
        { name: 'paths', test: /[\\/](?:repeat|paths|witness)\.ts$/ },
        { name: 'zod', test: /[\\/]node_modules[\\/]zod[\\/]|[\\/]settle-schemas\.ts$/ },
        // Every screen can say what failed, also the one that says that there was nothing to do.
        { name: 'failure', test: /[\\/]engine[\\/]failure\.ts$/ },
        { name: 'screen', test: /[\\/](?:screen|say-failure)\.ts$/ },
        // `--version` reads one file and loads no more.
        { name: 'release', test: /[\\/](?:release|package-root)\.ts$/ },
        { name: 'command-line', test: /[\\/]command-line\.ts$/ },
        // What a thread loads that looks at a target, or lays one out, is loaded by this one too.
        { name: 'lookout', test: /[\\/](?:lookout|sharing|looker)\.ts$/ },
        // Users' own pipelines need the engine, and nearly every command what realizing does: one file is read faster than sixty.
        { name: 'engine', test: /[\\/]engine[\\/](?:face|run)\.ts$/ },
        { name: 'realize', test: /[\\/]command-realize\.ts$/ },
        { name: 'toolbox', test: /[\\/]open-toolbox\.ts$/ },
      ],
    },
  },
  plugins: [
    { name: 'builtins', renderChunk: takeBuiltins },
    { name: 'declarations', closeBundle: writeDeclarations },
  ],
});

// One after the other: the first clears the directory.
export default [rest, start];

/** Importing a module of Node's costs a millisecond or two more than asking for it. */
function takeBuiltins(code: string): string {
  return code.replaceAll(
    /^import \{([^}]+)\} from "(node:[^"]+)";$/gm,
    (_, names: string, id: string) => `const {${names.replaceAll(' as ', ': ')}} = process.getBuiltinModule("${id}");`,
  );
}

/** The types of the same. Only this package knows what `#cache` is. */
function writeDeclarations(): void {
  execFileSync('tsc', ['--project', 'tsconfig.types.json'], { stdio: 'inherit' });
  for (const file of globSync('dist/types/engine/*.d.ts'))
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll("'#cache'", "'../cache/index.ts'"));
}
