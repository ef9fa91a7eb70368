import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { debianImage, hasContainers, modest, openPodman } from '../rig/containers.ts';
import { type Bench, checkout, openBench } from './rig.ts';
import { lockOf, openWorld, type Pins, smallEnvironment, type World } from './world.ts';

const canBuild = hasContainers && spawnSync('buildah', ['--version']).status === 0;
const secret = 'a-token-that-nobody-may-see';

/** Builds in a directory of its own: images, layers, and the caches of RUN lines. */
interface Builder {
  /** Runs buildah to its end and answers what it printed. */
  (...argv: readonly string[]): Promise<string>;
  /** Where podman finds what was built. */
  readonly where: readonly string[];
}

function openBuilder(bench: Bench): Builder {
  const temporary = bench.at('tmp');
  mkdirSync(temporary);
  const where = ['--root', bench.at('graph'), '--runroot', bench.at('run'), '--storage-driver', 'overlay'];
  const env = { ...process.env, TMPDIR: temporary };
  // What is built asks servers of this very process.
  const buildah = async (...argv: readonly string[]): Promise<string> =>
    (await promisify(execFile)('buildah', [...where, ...argv], { env, maxBuffer: 100_000_000 })).stdout;
  return Object.assign(buildah, { where });
}

/** The package as npm would publish it, made from a copy: others may be making it from the checkout right now. */
function packInto(project: string, bench: Bench): void {
  const copy = bench.at('copy');
  const left = new Set(['node_modules', '.git', 'dist', 'test']);
  cpSync(checkout, copy, { recursive: true, filter: (path) => !left.has(path.slice(checkout.length + 1)) });
  symlinkSync(join(checkout, 'node_modules'), join(copy, 'node_modules'));
  run('npm', ['pack', '--pack-destination', project], copy);
}

const environment = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` };
const run = (program: string, argv: readonly string[], cwd: string): string =>
  execFileSync(program, argv, { cwd, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** The image that stands in for `node`: the same files below /usr/local, and all that `npm ci` will ask for, so that it needs no network. */
async function makeNode(bench: Bench, project: string, builder: Builder): Promise<void> {
  const root = bench.at('node');
  const at = (...names: readonly string[]): string => join(root, 'usr/local', ...names);
  for (const path of ['bin', 'lib/node_modules', 'etc']) mkdirSync(at(path), { recursive: true });
  cpSync(process.execPath, at('bin/node'));
  const npm = realpathSync(run('sh', ['-c', 'command -v npm'], project).trim());
  cpSync(dirname(dirname(npm)), at('lib/node_modules/npm'), { recursive: true });
  for (const name of ['npm', 'npx']) symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, at('bin', name));
  const [tarball] = globSync('*.tgz', { cwd: project });
  const dependencies = { 'comfy-pipeline': `file:${tarball}` };
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'mine', private: true, dependencies }));
  run('npm', ['install', '--package-lock-only', '--cache', at('npm-cache')], project);
  const trial = bench.at('trial');
  cpSync(project, trial, { recursive: true });
  run('npm', ['ci', '--omit=dev', '--cache', at('npm-cache')], trial);
  writeFileSync(at('etc/npmrc'), 'cache=/usr/local/npm-cache\noffline=true\nupdate-notifier=false\n');
  const container = (await builder('from', 'scratch')).trim();
  await builder('add', '--quiet', container, root, '/');
  await builder('commit', '--quiet', container, 'localhost/node:test');
  await builder('rm', container);
}

describe.skipIf(!canBuild)(
  'examples/docker (skipped where buildah, podman, runc, debootstrap or root is missing)',
  () => {
    let bench: Bench;
    let world: World;
    let pins: Pins;
    let builder: Builder;
    const project = (): string => bench.at('docker');
    beforeAll(async () => {
      bench = openBench();
      world = await openWorld();
      pins = await smallEnvironment(world);
      builder = openBuilder(bench);
      mkdirSync(project());
      packInto(project(), bench);
      await makeNode(bench, project(), builder);
      await builder('pull', '--quiet', `docker-archive:${debianImage()}`);
      for (const name of ['Dockerfile', '.dockerignore'])
        cpSync(join(checkout, 'examples/docker', name), join(project(), name));
      writeFileSync(bench.at('token'), secret);
    }, 600_000);
    afterAll(async () => {
      spawnSync('buildah', [...builder.where, 'rmi', '--all', '--force']);
      await world[Symbol.asyncDispose]();
      bench[Symbol.dispose]();
    });

    /** Builds the image of a version, and answers what the build printed. */
    async function build(changed: Partial<Pins> = {}): Promise<string> {
      bench.lock('small', lockOf({ ...pins, ...changed }));
      for (const name of ['versions', 'lockfiles'])
        cpSync(join(bench.project, name), join(project(), name), { recursive: true });
      const token = ['--secret', `id=hf_token,src=${bench.at('token')}`];
      return buildImage('localhost/small', { PYTHON: 'localhost/debian:python', VERSION: 'small' }, ...token);
    }

    /** Builds an image of the project, and answers what the build printed. */
    async function buildImage(
      tag: string,
      given: Readonly<Record<string, string>>,
      ...more: readonly string[]
    ): Promise<string> {
      const how = ['--isolation', 'chroot', '--format', 'docker', '--layers', '--network', 'host', '--pull=never'];
      const all = Object.entries({ NODE: 'localhost/node:test', ...given });
      const words = all.flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
      return builder('build', ...how, ...words, ...more, '-t', tag, project());
    }

    it('a second build after one node changed fetches that node and nothing else', async () => {
      expect(await build()).toMatch(/^realized small in /m);
      const before = { asked: world.files.asked.length, git: world.git.requests.length };
      const alpha = await world.node('alpha', { '__init__.py': 'ALPHA = 2\n' });
      const printed = await build({ nodes: pins.nodes.map((node) => (node['name'] === 'alpha' ? alpha : node)) });
      expect(printed.match(/^built +(?:fetch|unpack)\S* .*/gm)).toEqual([
        expect.stringMatching(/^built +fetch-node +alpha /),
      ]);
      expect(world.files.asked.slice(before.asked)).toEqual([]);
      const asked = world.git.requests.slice(before.git).map(({ repository }) => repository);
      expect(new Set(asked)).toEqual(new Set(['alpha']));
    });

    it('the image runs without root, Node or git, and no layer and no history knows the token', async () => {
      await build();
      using podman = openPodman(builder.where);
      const archive = bench.at('small.tar');
      podman('save', '--quiet', '--output', archive, 'localhost/small');
      expect(readFileSync(archive).includes(secret)).toBe(false);
      expect(podman('history', '--no-trunc', 'localhost/small')).not.toContain(secret);
      const [about] = JSON.parse(podman('inspect', 'localhost/small')) as [object];
      expect(about).toMatchObject({ User: '1000:1000' });
      expect(JSON.stringify(about)).toMatch(/Healthcheck.*system_stats/);
      const inside = (...argv: readonly string[]): string =>
        podman(
          'run',
          '--rm',
          '--network',
          'host',
          ...modest,
          '--entrypoint',
          argv[0]!,
          'localhost/small',
          ...argv.slice(1),
        );
      expect(inside('id', '-u')).toBe('1000');
      expect(inside('sh', '-c', 'command -v node npm pipeline || echo none')).toBe('none');
      expect(inside('python', '-c', 'import sys; print(sys.prefix)')).toBe('/opt/comfyui/.venv');
    });

    it('a worker of examples/runpod is built on such an image, and does a job', async () => {
      for (const [from, to] of [
        ['versions/demo.json', 'versions/demo.json'],
        ['lockfiles/demo.lock.json', 'lockfiles/demo.lock.json'],
        ['examples/demo/workflows', 'workflows'],
        ['examples/runpod/handler.py', 'handler.py'],
      ] as const)
        cpSync(join(checkout, from), join(project(), to), { recursive: true });
      const standIn = join(checkout, 'test/rig');
      const files = globSync('runpod/**/*.py', { cwd: standIn });
      const sdk = world.wheel({
        name: 'runpod',
        files: Object.fromEntries(files.map((file) => [file, readFileSync(join(standIn, file))])),
      });
      await buildImage('localhost/comfy', { PYTHON: 'localhost/debian:python', VERSION: 'demo' });
      await buildImage(
        'localhost/worker',
        { COMFY: 'localhost/comfy', VERSION: 'demo', SDK: `--no-index ${String(sdk['url'])}` },
        '-f',
        join(checkout, 'examples/runpod/Dockerfile'),
      );
      const how = [...builder.where, '--runtime', 'runc'];
      const input = `${JSON.stringify({ id: 'one', input: { workflow: 'hello' } })}\n`;
      const asked = ['run', '--rm', '--interactive', '--network', 'host', ...modest, 'localhost/worker'];
      const { stdout, stderr } = spawnSync('podman', [...how, ...asked], { input, encoding: 'utf8' });
      const last = stdout.trimEnd().split('\n').at(-1)!;
      expect([last.slice(0, 200), stderr]).toEqual([
        expect.stringMatching(/^\{"id": "one", "result": \{"prompt_id"/),
        '',
      ]);
      expect((JSON.parse(last) as { result: { outputs: object[] } }).result.outputs).toMatchObject([
        { type: 'image/png', data: expect.stringMatching(/^iVBOR/) as string },
      ]);
    });
  },
);
