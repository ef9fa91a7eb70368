import { readFileSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failed, withRetries } from '#engine';
import type { Asking } from '../../tasks/tools/comfy/ask.ts';
import { uploadImage } from '../../tasks/tools/comfy/client.ts';
import type { Graph } from '../../tasks/tools/comfy/graph.ts';
import type { Settings } from './settings.ts';
import { servicesIn } from './services.ts';
import type { InputImage } from './handler-jobs.ts';

/** How pictures come to a server: where they are fetched, and where it will find them. */
export interface Bringing extends Asking {
  readonly origin: string;
  readonly cwd: string;
  readonly settings: Pick<Settings, 'offline' | 'environment'>;
  /** A directory for files on their way. */
  readonly scratch: () => string;
  /** Below the server's input directory: this run's own. */
  readonly subfolder: string;
}

/** Uploads pictures, and answers the workflow with the names that the server gave them. Throws Failed (usage, network, ...). */
export async function bringImages(
  graph: Graph,
  images: readonly InputImage[],
  { file, ...how }: Bringing & { readonly file: string },
): Promise<Graph> {
  for (const { name } of images) assertWanted(graph, name, file);
  const names = new Map<unknown, string>();
  for (const [index, { name, source }] of images.entries()) {
    const bytes = await fetchImage(source, { ...how, to: join(how.scratch(), `image-${index}`) });
    const upload = { name: basename(name), subfolder: how.subfolder, bytes };
    names.set(name, await uploadImage(how.origin, upload, how));
  }
  return Object.fromEntries(
    Object.entries(graph).map(([id, node]) => {
      const inputs = Object.entries(node.inputs).map(([input, value]) => [input, names.get(value) ?? value] as const);
      return [id, { ...node, inputs: Object.fromEntries(inputs) }];
    }),
  );
}

function assertWanted(graph: Graph, name: string, file: string): void {
  const nodes = Object.values(graph);
  if (nodes.some(({ inputs }) => Object.values(inputs).includes(name))) return;
  const taken = nodes.flatMap(({ inputs }) => Object.values(inputs)).filter(isFileName);
  throw new Failed({
    kind: 'usage',
    problem: `No node of ${file} takes ${name}`,
    hint: taken.length === 0 ? 'it takes no files' : `it takes ${[...new Set(taken)].join(', ')}`,
  });
}

const isFileName = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^[^\n]{1,200}\.(?:png|jpe?g|webp|gif|bmp|tiff?|mp4|webm|mov|mkv|wav|mp3|flac|ogg)$/i.test(value);

async function fetchImage(
  source: string,
  { signal, settings, cwd, to }: Bringing & { readonly to: string },
): Promise<Buffer> {
  if (source.startsWith('data:')) return fromData(source);
  const { openHttp } = await import('../../tasks/tools/http/http.ts');
  const http = openHttp({ offline: settings.offline, signal, ...servicesIn(settings.environment) });
  const from = /^[a-z][a-z0-9+.-]+:/i.test(source) ? source : resolve(cwd, source);
  const again = { signal, wait: async (ms: number) => sleep(ms, undefined, { signal }), onRetry: () => {} };
  await withRetries(async () => http.download({ from: [from], to }), again);
  return readFileSync(to);
}

/** The bytes in a `data:` URL. They are in it already: nothing is asked of the network. */
async function fromData(source: string): Promise<Buffer> {
  try {
    return Buffer.from(await (await fetch(source)).arrayBuffer());
  } catch {
    throw new Failed({
      kind: 'usage',
      problem: 'A data: URL of --input-image cannot be read',
      hint: 'write data:image/png;base64,...',
    });
  }
}

/** Takes away what was uploaded for one run. */
export const dropImages = (home: string, subfolder: string): void =>
  rmSync(join(home, 'input', subfolder), { recursive: true, force: true });
