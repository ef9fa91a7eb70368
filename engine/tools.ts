import type { Blob, Content, Entry, Tree } from '#cache';
import type { Images } from './image-tools.ts';
import type { Archive, Bundles, Git, Http, Registry } from './outside-tools.ts';
import type { Python } from './python-tools.ts';
import type { Library, Packs, Scripts, Site } from './site-tools.ts';

/**
 * Everything a task may touch: types only, the makers are in `tasks/tools/`.
 * A task that needs more asks for a tool; it never imports one.
 */
export interface Tools {
  /** Aborted when the run is stopped. Every tool listens to it already. */
  readonly signal: AbortSignal;
  readonly report: Report;
  readonly store: Shelf;
  readonly git: Git;
  readonly http: Http;
  readonly archive: Archive;
  readonly python: Python;
  readonly registry: Registry;
  readonly bundles: Bundles;
  readonly images: Images;
  readonly ownModels: OwnModels;
}

/** What a placed task may touch besides: the directory that is being realized. */
export interface SiteTools extends Tools {
  readonly site: Site;
  readonly library: Library;
  readonly packs: Packs;
  readonly scripts: Scripts;
}

/** How a step tells what it is doing. */
export interface Report {
  progress(done: number, total: number | undefined, unit: 'bytes' | 'files'): void;
  /** One line of a child's output. */
  line(text: string): void;
  /** Something a person should know when all is done. */
  note(level: 'info' | 'warning', text: string): void;
  /** Bytes that came over the network. */
  fetched(bytes: number): void;
}

/** The store as a task sees it. Paths it answers are read only. */
export interface Shelf {
  /** A private directory for this step, on the store's volume, gone when the step ends. */
  scratch(): Promise<string>;
  /** Whether the true bytes of a digest are here already. */
  has(digest: Blob | Tree): Promise<boolean>;
  /** `known` is what was found while the bytes were written; so are, by path, the files of a directory that are. */
  keepFile(path: string, known?: Content): Promise<Blob>;
  keepTree(path: string, known?: ReadonlyMap<string, Content>): Promise<Tree>;
  /** A copy of a directory of this machine, as it is now. Version control and caches in it are left out. */
  snapshot(path: string): Promise<Tree>;
  pathOf(digest: Blob | Tree): string;
  entries(tree: Tree): Promise<readonly Entry[]>;
  /** The text of one file of a tree, at most 1 MB; undefined when there is no such file. */
  readText(tree: Tree, path: string): Promise<string | undefined>;
}

/** Models that a person has on this machine already. They are the person's: nothing here moves or changes them. */
export interface OwnModels {
  /**
   * Takes one into the store, without a second copy of its bytes where the volume allows: the file at `path`, below MODELS_DIR
   * or the target, when it hashes to `sha256`. Undefined where there is none; another file that stands there is said.
   */
  adopt(of: { readonly path: string; readonly sha256: string; readonly size?: number }): Promise<Blob | undefined>;
}
