import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { debianImage, hasContainers, modest, openPodman } from '../rig/containers.ts';
import { hasImageRegistry, startImageRegistry } from '../rig/image-registry.ts';
import { freePort } from '../rig/free-port.ts';
import { type Bench, type Ended, openBench, openDemo } from './rig.ts';
import { small } from './small.ts';

const on = small();

interface Written {
  readonly digest: string;
  readonly sent: number;
  readonly there: number;
}

const written = ({ summary }: Ended): Written => summary.result as Written;

const layersIn = (layout: string, digest: string): readonly string[] => {
  const manifest = readFileSync(join(layout, 'blobs/sha256', digest.slice('sha256:'.length)), 'utf8');
  return (JSON.parse(manifest) as { layers: { digest: string }[] }).layers.map((layer) => layer.digest);
};

it('the same version is the same image on two machines, and a second time nothing is made', async () => {
  const digests = [];
  for (const bench of [openBench(), openBench()]) {
    using machine = bench;
    machine.lock(
      'small',
      JSON.parse(readFileSync(join(on.bench.project, 'lockfiles/small.lock.json'), 'utf8')) as never,
    );
    const to = `oci:${machine.at('images')}`;
    const first = await machine.pipeline(['image', 'small', '--output', to, '--json']);
    expect(first.exitCode).toBe(0);
    const again = await machine.pipeline(['image', 'small', '--output', to, '--json']);
    expect(again.built).toEqual(['save-image']);
    expect(written(again)).toMatchObject({ digest: written(first).digest, sent: 0 });
    digests.push(written(first).digest);
  }
  expect(digests[1]).toBe(digests[0]);
});

it('one node changed is one new layer, and the small one with the lockfile', async () => {
  const { bench, world } = on;
  const to = bench.at('images');
  const image = async () => {
    const ended = await bench.pipeline(['image', 'small', '--output', `oci:${to}`, '--json']);
    expect(ended.exitCode).toBe(0);
    return { ended, layers: layersIn(to, written(ended).digest) };
  };
  const before = await image();
  on.relock({ nodes: on.nodesBut('alpha', await world.node('alpha', { '__init__.py': 'ALPHA = 2\n' })) });
  const after = await image();
  expect(after.layers).toHaveLength(before.layers.length);
  expect(after.layers.filter((layer) => !before.layers.includes(layer))).toHaveLength(2);
  expect(after.ended.built).toEqual([
    'compose-image',
    'fetch-node alpha',
    'save-image',
    'write-layer alpha',
    'write-layer lockfile and SBOM',
  ]);
});

it('models come along when they are asked for, each a layer of its own that is not packed', async () => {
  const { bench, pins } = on;
  const to = bench.at('images');
  const without = await bench.pipeline(['image', 'small', '--output', `oci:${to}`, '--json']);
  const ended = await bench.pipeline(['image', 'small', '--models', '--output', `oci:${to}`, '--json']);
  const layers = layersIn(to, written(ended).digest);
  expect(layers).toHaveLength(layersIn(to, written(without).digest).length + pins.models.length);
  const names = execFileSync('tar', ['-tf', join(to, 'blobs/sha256', layers[0]!.slice('sha256:'.length))], {
    encoding: 'utf8',
  });
  expect(names).toContain(`opt/comfyui/models/${String(pins.models[0]!['path'])}\n`);
});

describe.skipIf(!hasImageRegistry)('a registry (skipped where docker-registry is not installed)', () => {
  it('gets what it lacks and nothing else', async () => {
    const { bench, world } = on;
    await using registry = await startImageRegistry();
    const push = async () => {
      const ended = await bench.pipeline([
        'image',
        'small',
        '--output',
        `docker://${registry.host}/team/small:1`,
        '--json',
      ]);
      expect(ended.exitCode).toBe(0);
      return {
        ...written(ended),
        uploads: registry.requests().filter((line) => line.startsWith('PUT /v2/team/small/blobs')),
      };
    };
    const first = await push();
    expect(first.uploads).toHaveLength(first.sent);
    on.relock({ nodes: on.nodesBut('alpha', await world.node('alpha', { '__init__.py': 'ALPHA = 3\n' })) });
    const second = await push();
    // The node, the lockfile, the configuration.
    expect([second.sent, second.uploads.length]).toEqual([3, 3]);
    expect(second.there).toBe(first.sent - 3);
  });
});

it.for([
  [['--output', 'elsewhere'], /--output is oci:DIR/],
  [['--directory', 'opt'], /--directory is a path in the image/],
  [['--directory', '/opt/../etc'], /--directory is a path in the image/],
  [['--python', 'python3'], /--python is a path in the image/],
  [['--tag', 'Demo'], /--tag is NAME:TAG/],
  [['--output', 'docker://demo:1'], /names no registry/],
] as const)('%j is refused before anything is made', async ([flags, words]) => {
  const { exitCode, stderr } = await on.bench.pipeline(['image', 'small', ...flags]);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(words)]);
});

it('a base that is not there is said by its name', async () => {
  const { exitCode, stderr } = await on.bench.pipeline(['image', 'small', '--base', 'nowhere.tar']);
  expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/The base image .*nowhere\.tar does not exist/)]);
});

describe.skipIf(!hasContainers)('in a container (skipped where podman, runc, debootstrap or root is missing)', () => {
  let bench: Bench;
  beforeAll(() => {
    bench = openDemo();
  });
  afterAll(() => bench[Symbol.dispose]());

  it('the demo runs as somebody who is not root, and answers', async () => {
    const [file, base] = [bench.at('demo.tar'), debianImage()];
    const ended = await bench.pipeline(
      ['image', 'demo', '--base', base, '--output', `docker-archive:${file}`, '--json'],
      {
        env: { COMFY_PYTHON: 'python3.11' },
      },
    );
    expect(ended.exitCode).toBe(0);
    using podman = openPodman();
    podman('load', '--quiet', '--input', file);
    const port = String(await freePort());
    const name = `demo-${port}`;
    podman(
      'run',
      '--detach',
      '--name',
      name,
      '--network',
      'host',
      ...modest,
      'localhost/demo:latest',
      '--listen',
      '127.0.0.1',
      '--port',
      port,
    );
    const stats = await answerOf(
      `http://127.0.0.1:${port}/system_stats`,
      () => podman('inspect', '--format', '{{.State.Running}}', name) === 'true',
    );
    expect(stats).toMatchObject({ system: { os: 'linux' } });
    expect(podman('exec', name, 'id', '-u')).toBe('1000');
    expect(podman('exec', name, 'python', '-c', 'import demo_png, sys; print(sys.prefix)')).toBe('/opt/comfyui/.venv');
  });
});

/** What a server answers once it is up. Throws when it is not running any more. */
async function answerOf(url: string, isRunning: () => boolean): Promise<unknown> {
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return answer.json();
    if (!isRunning()) throw new Error('The container ended');
  }
}
