import { join } from 'node:path';

import { type Store, sha256Of } from '#cache';
import type { Images, Report, Shelf } from '#engine';

import type { Shell } from '../shell.ts';
import { writeFile } from '../write-file.ts';
import { writeArchive } from './archive.ts';
import { readBase } from './base.ts';
import { composeConfig, composeManifest } from './compose.ts';
import { writeLayer } from './layer.ts';
import { writeLayout } from './layout.ts';
import { layerTypes } from './media-types.ts';
import { pushImage } from './push.ts';

/** The tool for container images. */
export function openImages(of: {
  readonly store: Store;
  readonly shelf: Shelf;
  readonly shell: Shell;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly report: Pick<Report, 'progress'>;
}): Images {
  const { shelf } = of;
  const seams = { ...of, progress: (done: number, total: number) => of.report.progress(done, total, 'bytes') };
  const keepText = async (name: string, text: string) => {
    const path = join(await shelf.scratch(), name);
    writeFile(path, text);
    const size = Buffer.byteLength(text);
    return { file: await shelf.keepFile(path, { sha256: sha256Of(text), size }), size };
  };
  return {
    async layer({ about, ...what }) {
      const path = join(await shelf.scratch(), 'layer');
      const { sha256, size, diff } = await writeLayer(what, path, of);
      const file = await shelf.keepFile(path, { sha256, size });
      return { file, size, diff, mediaType: layerTypes[what.compression], about };
    },
    base: (what) => readBase(what, of),
    async compose(wish) {
      const text = composeConfig(wish);
      const config = await keepText('config.json', text);
      const manifest = await keepText('manifest.json', composeManifest(wish, text));
      return { config, manifest, layers: [...(wish.base?.layers ?? []), ...wish.layers] };
    },
    toLayout: (image, to) => writeLayout(image, to, seams),
    toArchive: (image, to) => writeArchive(image, to, seams),
    push: (image, to) => pushImage(image, to, seams),
  };
}
