import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { makeWheel } from '../test/rig/wheels.ts';
import { against, type Line } from './report.ts';
import type { Stopwatch } from './stopwatch.ts';
import { launcher, openWorld, type World } from './world.ts';

const files = { core: 2_000, nodes: 8, inNode: 250, wheels: 60, inWheel: 1_000, models: 16 };

/** The second realize of a version with 4,000 tracked files, 60,000 installed files and 16 models. */
export function warmRealized({ measure }: Stopwatch): readonly Line[] {
  using world = openWorld();
  describe(world);
  const { root: cwd, environment } = world;
  const argv = [process.execPath, launcher, 'realize', 'large', '--target', join(cwd, 'target'), '--json'] as const;
  const first = spawnSync(argv[0], argv.slice(1), { cwd, env: { ...process.env, ...environment }, encoding: 'utf8' });
  if (first.status !== 0) throw new Error(first.stdout.slice(-2_000) + first.stderr);
  const [bare, warm] = measure([
    { name: 'node -e 0', argv: [process.execPath, '-e', '0'] },
    { name: 'realize', argv, cwd, environment },
  ]);
  return [against('warm no-op of a realized version', warm, bare, 2.5)];
}

/** Writes the version, its repositories, wheels and models, all local. */
function describe(world: World): void {
  const { root, write } = world;
  repository(world, 'core', { 'main.py': 'print("ready")\n', ...many(files.core, (n) => `comfy/p${n % 40}/f${n}.py`) });
  const names = Array.from({ length: files.nodes }, (_, n) => `node-${n}`);
  for (const name of names)
    repository(world, name, { '__init__.py': '', ...many(files.inNode, (n) => `p${n % 10}/f${n}.py`) });
  for (let n = 0; n < files.models; n++) write(`models/m${n}.safetensors`, `model ${n}`);
  for (let n = 0; n < files.wheels; n++) writeLargeWheel(world, n);
  const version = {
    schema_version: 2,
    version_id: 'large',
    comfy: { repo: './repositories/core' },
    custom_nodes: names.map((name) => ({ name, repo: `./repositories/${name}` })),
    models: Array.from({ length: files.models }, (_, n) => ({
      source: `./models/m${n}.safetensors`,
      target_path: `checkpoints/m${n}.safetensors`,
    })),
    python_packages: Array.from({ length: files.wheels }, (_, n) => `large-${n}==1.0`),
    python: { index_url: pathToFileURL(join(root, 'simple')).href },
  };
  write('versions/large.json', JSON.stringify(version));
}

/** So many small files. */
const many = (count: number, name: (n: number) => string): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [name(n), `# file ${n}\n`]));

function repository({ root, write }: World, name: string, content: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(content)) write(`repositories/${name}/${path}`, text);
  const git = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync('git', ['-c', 'user.name=b', '-c', 'user.email=b@b', ...args], {
      cwd: join(root, 'repositories', name),
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
  };
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'files');
}

/** One wheel of a thousand small files, and its page in the index. */
function writeLargeWheel({ write }: World, n: number): void {
  const name = `large_${n}`;
  const content = Array.from(
    { length: files.inWheel },
    (_, f) => [`${name}/d${f % 50}/f${f}.txt`, `${n} ${f}\n`] as const,
  );
  const wheel = makeWheel({ name, files: { [`${name}/__init__.py`]: '', ...Object.fromEntries(content) } });
  write(`wheels/${wheel.filename}`, wheel.bytes);
  const href = `../../wheels/${wheel.filename}#sha256=${wheel.sha256}`;
  write(`simple/large-${n}/index.html`, `<!doctype html><a href="${href}">${wheel.filename}</a>`);
}
