import { createReadStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

import { namesInTar } from '#cache';

import { packingOf } from './media-types.ts';
import { startOf } from './start-of.ts';

const python = /^(?:\.\/)?((?:usr\/local\/|usr\/|opt\/[^/]+\/)?bin\/)(\.wh\.)?(python3\.\d+)$/;

/** The Pythons of an image, by the names of files in its layers, which lie one upon the other: absolute paths, the usual places first. */
export async function programsIn(layers: readonly string[], signal: AbortSignal): Promise<string[]> {
  const found = new Set<string>();
  for (const layer of layers) {
    for await (const name of namesIn(layer, signal)) {
      const [, directory, gone, program] = python.exec(name) ?? [];
      if (directory === undefined || program === undefined) continue;
      if (gone === undefined) found.add(`/${directory}${program}`);
      else found.delete(`/${directory}${program}`);
    }
  }
  return [...found].toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

const rank = (path: string): number => (path.startsWith('/usr/local/') ? 0 : path.startsWith('/usr/') ? 1 : 2);

const unpackers = { gzip: createGunzip, zstd: createZstdDecompress, none: () => new PassThrough() };

/** The names of a layer's members. */
const namesIn = (layer: string, signal: AbortSignal): AsyncIterable<string> =>
  namesInTar(createReadStream(layer, { signal }).pipe(unpackers[packingOf(startOf(layer, 4))]()));
