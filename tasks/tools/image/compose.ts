import { sha256Of } from '#cache';
import { canonical, type ImageWish } from '#engine';

import { mediaTypes } from './media-types.ts';

/** A search path where an image has none. */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** How often an image is asked whether it is well, in nanoseconds: Docker's unit. A cold start may take minutes. */
const health = { Interval: 30e9, Timeout: 10e9, StartPeriod: 300e9, Retries: 3 };

/** The configuration of an image, as text: what the base says, with what is wished over it. */
export function composeConfig(wish: ImageWish): string {
  const { base, layers, created } = wish;
  const under = Config.of(base?.config);
  const said = Object.fromEntries(under.env.map((line) => [line.slice(0, line.indexOf('=')), line] as const));
  const path = under.env.find((line) => line.startsWith('PATH='))?.slice(5) ?? usualPath;
  const ours = { ...wish.env, PATH: `${wish.path}:${path}` };
  const env = {
    ...said,
    ...Object.fromEntries(Object.entries(ours).map(([name, value]) => [name, `${name}=${value}`])),
  };
  return canonical({
    architecture: wish.architecture,
    os: 'linux',
    created,
    config: {
      ...under.run,
      User: `${wish.owner}:${wish.owner}`,
      ExposedPorts: { ...(under.run['ExposedPorts'] as object | undefined), [`${wish.port}/tcp`]: {} },
      Env: Object.values(env),
      Entrypoint: wish.entrypoint,
      Cmd: wish.command,
      WorkingDir: wish.directory,
      Labels: { ...(under.run['Labels'] as object | undefined), ...wish.labels },
      Healthcheck: { Test: ['CMD', ...wish.healthcheck], ...health },
    },
    rootfs: { type: 'layers', diff_ids: [...under.diffs, ...layers.map(({ diff }) => `sha256:${diff}`)] },
    history: [
      ...historyOf(under, created),
      ...layers.map(({ about }) => ({ created, created_by: `pipeline image: ${about}`, comment: 'comfy-pipeline' })),
    ],
  });
}

/** The manifest that goes with a configuration, as text. */
export function composeManifest({ base, layers, labels }: ImageWish, config: string): string {
  return canonical({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, digest: `sha256:${sha256Of(config)}`, size: Buffer.byteLength(config) },
    layers: [...(base?.layers ?? []), ...layers].map(({ mediaType, file, size }) => ({
      mediaType,
      digest: file.replace('blob:', 'sha256:'),
      size,
    })),
    annotations: labels,
  });
}

/** What an image's configuration says, as far as it is carried on. Fields that it lacks are empty. */
const Config = {
  of(config: Readonly<Record<string, unknown>> = {}) {
    const run = (config['config'] ?? {}) as Readonly<Record<string, unknown>>;
    const rootfs = (config['rootfs'] ?? {}) as Readonly<Record<string, unknown>>;
    return {
      run,
      env: (run['Env'] ?? []) as readonly string[],
      diffs: (rootfs['diff_ids'] ?? []) as readonly string[],
      history: (config['history'] ?? []) as readonly unknown[],
    };
  },
};

/** One line of history for each layer: who builds upon the image counts them. Some bases tell none. */
function historyOf({ history, diffs }: ReturnType<typeof Config.of>, created: string): readonly unknown[] {
  const told = history.filter((line) => (line as { readonly empty_layer?: boolean }).empty_layer !== true);
  return told.length === diffs.length ? history : diffs.map(() => ({ created, created_by: 'base image' }));
}
