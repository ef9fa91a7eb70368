import type { Blob, Sha256, Tree } from '#cache';

/** Container images as the OCI describes them, made without a daemon and without running anything. */
export interface Images {
  /**
   * Packs parts into one layer, in the order of their paths, with one time for all: the same content gives the same bytes.
   * What lies below `directory` belongs to `owner`, what leads there to root. The layer is in the store when this answers.
   */
  layer(what: {
    readonly parts: readonly LayerPart[];
    readonly directory: string;
    readonly owner: number;
    readonly compression: Compression;
    readonly about: string;
  }): Promise<ImageLayer>;
  /** Reads the image that others are made upon: an OCI layout (a directory), or an archive of one, or of `docker save`. */
  base(what: { readonly from: string; readonly architecture: string }): Promise<BaseImage>;
  /** Writes the configuration and the manifest of an image into the store. They follow from what is given, byte by byte. */
  compose(wish: ImageWish): Promise<Image>;
  /** Writes an image into an OCI layout, beside those that are there. Answers how many of its files were not there yet. */
  toLayout(image: Image, to: { readonly directory: string; readonly tag: string }): Promise<Written>;
  /** Writes an image as one file that `docker load` and `podman load` take. */
  toArchive(image: Image, to: { readonly file: string; readonly tag: string }): Promise<Written>;
  /** Sends an image to a registry: what it has already is not sent, and the manifest comes last. `to` is `registry.example.com/name:tag`. */
  push(image: Image, to: string): Promise<Written>;
}

/** How a layer's bytes are packed. `gzip` is understood everywhere; models do not get smaller, so theirs are not packed at all. */
export type Compression = 'gzip' | 'zstd' | 'none';

/** One part of a layer. Paths are counted from the root of the image, without a leading slash. */
export type LayerPart =
  | { readonly tree: Tree; readonly at: string }
  | { readonly blob: Blob; readonly at: string }
  | { readonly text: string; readonly at: string }
  /** An empty directory. */
  | { readonly directory: string };

/** A layer: `size` (bytes) is its file's, `diff` the SHA-256 of the tar in it; `about` says in a few words what it holds. */
export interface ImageLayer {
  readonly file: Blob;
  readonly size: number;
  readonly diff: Sha256;
  readonly mediaType: string;
  readonly about: string;
}

/** What an image is made upon. `config` is its own, as it stands there; `programs` are the interpreters in it, absolute paths. */
export interface BaseImage {
  readonly config: Record<string, unknown>;
  readonly layers: ImageLayer[];
  readonly programs: string[];
  /** Of its manifest, or of its config where it has none. */
  readonly digest: string;
}

/** What an image is to be: its layers from the bottom up, those of `base` below them, and how it is run. */
export interface ImageWish {
  readonly base?: BaseImage;
  readonly layers: readonly ImageLayer[];
  readonly architecture: string;
  /** When it says it was made, ISO 8601: a fact of its content, not of the clock. */
  readonly created: string;
  readonly directory: string;
  readonly owner: number;
  /** Variables, besides those of the base; `PATH` is put before the one that is there. */
  readonly env: Readonly<Record<string, string>>;
  readonly path: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly port: number;
  /** A command that exits with 0 while all is well. Docker's own field: OCI readers pass over it. */
  readonly healthcheck: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** An image, every part of it kept. */
export interface Image {
  readonly manifest: { readonly file: Blob; readonly size: number };
  readonly config: { readonly file: Blob; readonly size: number };
  readonly layers: ImageLayer[];
}

/** What became of an image: `digest` is its manifest's, `sent` how many of its files were not there yet, `bytes` how large those are. */
export interface Written {
  readonly digest: string;
  readonly sent: number;
  readonly there: number;
  readonly bytes: number;
}
