import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import type { Image } from '#engine';
import { layerOf, type Room, room, smallImage, wish } from './rig.ts';

const jsonOf = ({ store }: Room, { file }: Image['config']) =>
  JSON.parse(readFileSync(store.pathOf(file), 'utf8')) as Readonly<Record<string, unknown>>;

test('an image says how it is run and what is in it', async () => {
  const here = room();
  const image = await smallImage(here);
  const [layer] = image.layers;
  expect(jsonOf(here, image.config)).toEqual({
    architecture: 'amd64',
    os: 'linux',
    created: '1980-01-01T00:00:00Z',
    config: {
      User: '1000:1000',
      ExposedPorts: { '8188/tcp': {} },
      Env: ['LANG=C.UTF-8', expect.stringMatching(/^PATH=\/opt\/comfyui\/\.venv\/bin:\/usr\/local\/sbin:/)],
      Entrypoint: ['python', 'main.py'],
      Cmd: ['--listen'],
      WorkingDir: '/opt/comfyui',
      Labels: { 'io.example.of': 'a test' },
      Healthcheck: expect.objectContaining({ Test: ['CMD', 'true'] }) as unknown,
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer!.diff}`] },
    history: [{ created: '1980-01-01T00:00:00Z', created_by: 'pipeline image: a layer', comment: 'comfy-pipeline' }],
  });
  expect(jsonOf(here, image.manifest)).toMatchObject({
    schemaVersion: 2,
    config: { digest: image.config.file.replace('blob', 'sha256'), size: image.config.size },
    layers: [{ mediaType: layer!.mediaType, digest: layer!.file.replace('blob', 'sha256'), size: layer!.size }],
  });
});

test('an image upon another keeps what that says, and puts its own over it', async () => {
  const here = room();
  const below = await layerOf(here, [{ text: 'base', at: 'etc/os-release' }]);
  const layer = await layerOf(here, [{ text: 'x', at: 'opt/comfyui/a' }]);
  const base = {
    digest: 'sha256:0',
    programs: [],
    layers: [below],
    config: {
      architecture: 'amd64',
      os: 'linux',
      config: {
        Env: ['PATH=/base/bin', 'TZ=UTC', 'LANG=C'],
        Labels: { by: 'base', 'io.example.of': 'base' },
        StopSignal: 'SIGINT',
      },
      rootfs: { type: 'layers', diff_ids: [`sha256:${below.diff}`] },
      history: [{ created_by: 'base' }],
    },
  };
  const image = await here.images.compose({ ...wish, base, layers: [layer] });
  expect(image.layers).toEqual([below, layer]);
  const config = jsonOf(here, image.config) as { config: Record<string, unknown>; rootfs: unknown; history: unknown[] };
  expect(config.config).toMatchObject({
    Env: ['PATH=/opt/comfyui/.venv/bin:/base/bin', 'TZ=UTC', 'LANG=C.UTF-8'],
    Labels: { by: 'base', 'io.example.of': 'a test' },
    StopSignal: 'SIGINT',
  });
  expect(config.rootfs).toEqual({ type: 'layers', diff_ids: [`sha256:${below.diff}`, `sha256:${layer.diff}`] });
  expect(config.history).toHaveLength(2);
});

test('the same wishes give the same digest on two machines', async () => {
  const [one, other] = [await smallImage(room()), await smallImage(room())];
  expect(other).toEqual(one);
  expect((await smallImage(room(), 'print(2)\n')).manifest).not.toEqual(one.manifest);
});

test.for([
  [undefined, 'base image'],
  [[{ created_by: 'ENV', empty_layer: true }], 'base image'],
  [[{ created_by: 'ADD' }], 'ADD'],
] as const)('a base that tells %j of itself has a line for each layer', async ([history, line]) => {
  const here = room();
  const below = await layerOf(here, [{ text: 'base', at: 'etc/os-release' }]);
  const rootfs = { type: 'layers', diff_ids: [`sha256:${below.diff}`] };
  const base = { digest: 'sha256:0', programs: [], layers: [below], config: { rootfs, ...(history && { history }) } };
  const { config } = await here.images.compose({ ...wish, base, layers: [] });
  expect(jsonOf(here, config)).toMatchObject({ history: [{ created_by: line }] });
});
