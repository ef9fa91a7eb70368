import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { defineConfig } from 'rolldown';

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };

/** Loaded from where they are installed. zod alone is built in: shaken of what is not used it loads in a fraction of the time. */
const external = Object.keys(dependencies).filter((name) => name !== 'zod');

// What is published: the command line, and what users' own pipelines import. What is imported late stays apart.
export default defineConfig({
  input: { main: 'pipelines/cli/main.ts', index: 'engine/index.ts' },
  platform: 'node',
  external: (id) => isBuiltin(id) || external.some((name) => id === name || id.startsWith(`${name}/`)),
  output: { dir: 'dist', cleanDir: true, chunkFileNames: '[name].js' },
});
