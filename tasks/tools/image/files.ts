import type { Store } from '#cache';
import type { Image } from '#engine';

/** One file of an image: named by its digest wherever an image is kept. */
export interface ImageFile {
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  readonly path: string;
}

/** The manifest of an image, and everything it names, each once: what is named comes before what names it. */
export function filesOf({ manifest, config, layers }: Image, store: Pick<Store, 'pathOf'>) {
  const fileOf = ({ file, size }: Image['manifest']): ImageFile => ({
    sha256: file.slice('blob:'.length),
    size,
    path: store.pathOf(file),
  });
  const named = new Map([...layers, config].map(fileOf).map((file) => [file.sha256, file] as const));
  return { manifest: fileOf(manifest), named: [...named.values()] };
}
