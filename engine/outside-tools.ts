import type { Content } from '#cache';

/** git, at arm's length: no prompts, no hooks, no filters, no submodules. */
export interface Git {
  /** What `ref` (a branch, a tag, `HEAD`, a full `refs/...` name, or nothing for the default branch) is in `repo` now. Exact, tags peeled. */
  resolve(of: {
    readonly repo: string;
    readonly ref?: string;
  }): Promise<{ readonly commit: string; readonly ref: string }>;
  /** Whether the history of `to`, a commit of `repo`, leads back to `from`: then going from one to the other loses nothing. */
  leads(what: { readonly repo: string; readonly from: string; readonly to: string }): Promise<boolean>;
  /**
   * Lays a commit out below `into` (absent or empty), fetching it first when the mirror lacks it, with a `.git` that is
   * small and true: HEAD, one shallow pack, the remote. `ref` (`refs/heads/x`) makes HEAD that branch.
   * Answers git's own tree id, verified. The same commit gives the same bytes, `.git` included.
   */
  checkout(what: {
    readonly repo: string;
    readonly commit: string;
    readonly ref?: string;
    readonly into: string;
  }): Promise<{ readonly tree: string }>;
}

/** HTTP and local sources. Tokens go only to their own host; redirects are followed by hand. */
export interface Http {
  /**
   * Writes one file to `to` (absent), from the first source that gives the right bytes; resumes and verifies.
   * Without `sha256` the bytes are taken as they are, and their hash is the answer (only `validate` does that).
   */
  download(what: {
    readonly from: readonly string[];
    readonly to: string;
    readonly sha256?: string;
    /** Checked besides: documents of earlier tools know nothing better. */
    readonly md5?: string;
    readonly size?: number;
  }): Promise<{ readonly sha256: string; readonly size: number; readonly from: string }>;
  /** What the services behind these sources tell of the file without sending it; undefined where only the bytes can. */
  pin(from: readonly string[]): Promise<FilePin | undefined>;
  /** The size of a file in bytes, where it can be had without the file. Not to learn it is no failure. */
  size(source: string): Promise<number | undefined>;
  /**
   * A document of at most 64 MB, or a `part` of a file: `length` bytes from `at` on, or the last ones when `at` is negative.
   * `url` is where it was found, after redirects; `total` is the length of the whole file, `type` its media type.
   */
  read(
    url: string,
    how?: { readonly accept?: string; readonly part?: { readonly at: number; readonly length: number } },
  ): Promise<{ readonly bytes: Buffer; readonly total: number; readonly type: string; readonly url: string }>;
  /** A JSON document, at most 10 MB. */
  json(url: string, how?: { readonly method?: 'GET' | 'POST'; readonly body?: unknown }): Promise<unknown>;
}

/** What a service tells of one of its files. */
export interface FilePin {
  readonly sha256?: string;
  /** In bytes. */
  readonly size?: number;
  /** A source that means these bytes for ever: `hf://organisation/repository@<commit>/path`. */
  readonly exact?: string;
}

/** Zip archives from outside: validated whole, then laid out in a fresh place. */
export interface Archive {
  /**
   * Lays `file` out below `into` (absent or empty). Answers what is in each file, sorted by path. For a node it writes
   * `.tracking`, the list of paths, for ComfyUI-Manager's sake: nobody here believes it.
   */
  unpack(what: {
    readonly file: string;
    readonly into: string;
    readonly kind: 'node' | 'wheel';
  }): Promise<ReadonlyMap<string, Content>>;
}

/** A release of a pack, as the registry answers it today. `url` is where its archive is. */
export interface FoundRelease {
  readonly id: string;
  readonly version: string;
  readonly url: string;
  /** `active`, `pending`, `flagged`, `banned`, `deleted`, `deprecated`. */
  readonly status: string;
  readonly repository?: string;
}

/** The registry of node packages. */
export interface Registry {
  /** One release of a pack; `version` may be `latest`. Lists the available versions when there is no such. */
  release(of: { readonly id: string; readonly version: string }): Promise<FoundRelease>;
  /** Exact releases, all in one question, in the order they are named. What the registry does not answer so is left out. */
  releases(of: readonly { readonly id: string; readonly version: string }[]): Promise<readonly FoundRelease[]>;
  /** The pack of an id, or the one that has a class of nodes; undefined when the registry knows none. */
  pack(
    of: { readonly id: string } | { readonly class: string },
  ): Promise<{ readonly id: string; readonly repository?: string } | undefined>;
}

/** Bundles: one file with everything that a version is realized from, for machines that see no network. */
export interface Bundles {
  /**
   * Writes `to` (absent), whole or not at all: documents by their paths in the project, the answers to these keys, and all
   * bytes that they name. The same content gives the same bytes. Answers its size in bytes, and how many files it holds.
   */
  write(what: {
    readonly to: string;
    readonly version: string;
    readonly documents: Readonly<Record<string, string>>;
    readonly keys: readonly string[];
  }): Promise<{ readonly bytes: number; readonly files: number }>;
  /**
   * Takes a bundle into the cache. Everything is checked before it is kept; answers come last. Yields the documents, and how
   * much was not there yet: `objects` in the store, `bytes` of files.
   */
  read(file: string): Promise<{
    readonly version: string;
    readonly documents: Readonly<Record<string, string>>;
    readonly answers: number;
    readonly objects: number;
    readonly bytes: number;
  }>;
}
