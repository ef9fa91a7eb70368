import type { Blob, Entry, Tree } from '#cache';

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
}

/** What a placed task may touch besides: the directory that is being realized. */
export interface SiteTools extends Tools {
  readonly site: Site;
  readonly library: Library;
}

/** The directory in which models of every version are found by whoever looks there (MODELS_DIR). It may be outside the target. */
export interface Library {
  /** Where it is, relative to the target; undefined when it is the target's own `models/`. */
  readonly fromTarget: string | undefined;
  /** Shows stored models there, as relative links. What stands in the way is left alone, and answered. */
  show(models: readonly LibraryEntry[]): readonly string[];
  /** Whether each of them is shown there, or something else stands in its place. Looks only. */
  shows(models: readonly LibraryEntry[]): boolean;
}

/** A stored model and where it stands, relative to MODELS_DIR. */
export interface LibraryEntry {
  readonly path: string;
  readonly blob: Blob;
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
  keepFile(path: string, known?: { readonly sha256: string; readonly size: number }): Promise<Blob>;
  keepTree(path: string): Promise<Tree>;
  /** A copy of a directory of this machine, as it is now. Version control and caches in it are left out. */
  snapshot(path: string): Promise<Tree>;
  pathOf(digest: Blob | Tree): string;
  entries(tree: Tree): Promise<readonly Entry[]>;
  /** The text of one file of a tree, at most 1 MB; undefined when there is no such file. */
  readText(tree: Tree, path: string): Promise<string | undefined>;
}

/** git, at arm's length: no prompts, no hooks, no filters, no submodules. */
export interface Git {
  /** What `ref` (a branch, a tag, `HEAD`, a full `refs/...` name, or nothing for the default branch) is in `repo` now. Exact, tags peeled. */
  resolve(of: {
    readonly repo: string;
    readonly ref?: string;
  }): Promise<{ readonly commit: string; readonly ref: string }>;
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
   * Lays `file` out below `into` (absent or empty). Answers the files' paths, sorted. For a node it writes `.tracking`,
   * that list, for ComfyUI-Manager's sake: nobody here believes it.
   */
  unpack(what: {
    readonly file: string;
    readonly into: string;
    readonly kind: 'node' | 'wheel';
  }): Promise<readonly string[]>;
}

/** A Python interpreter of this machine. */
export interface Interpreter {
  /** Absolute path, links resolved. */
  readonly path: string;
  /** `3.11.7` */
  readonly version: string;
  /** `cpython-311` as in `__pycache__` names. */
  readonly cacheTag: string;
  /** `linux-x86_64` */
  readonly platform: string;
}

/** The Python of this machine. */
export interface Python {
  /** The interpreter that fits `version` (a prefix: `3`, `3.11`, `3.11.9`), trying `command` first. Remembered by fingerprint: no child process when nothing changed. */
  find(wanted: { readonly version?: string; readonly command?: string }): Promise<Interpreter>;
  /** Writes an empty virtual environment without pip below `into`, that may be moved afterwards. */
  writeVenv(what: { readonly interpreter: Interpreter; readonly into: string }): Promise<void>;
  /**
   * Turns one wheel into what it installs, laid out below `into` as below a virtual environment (`lib/pythonX.Y/site-packages`, `bin`, ...),
   * byte-compiled, movable. `sha256` is checked by the installer once more.
   */
  unpackWheel(what: {
    readonly wheel: string;
    /** `demo_lib-1.0-py3-none-any.whl`: the wheel's own name, which says what it is for. */
    readonly filename: string;
    readonly sha256: string;
    readonly interpreter: Interpreter;
    readonly into: string;
  }): Promise<void>;
  /** The requirement lines of a `requirements.txt`, without comments and with what makes no sense here refused or left out. */
  requirementLines(text: string, from: string): Promise<readonly string[]>;
  /** What a `pyproject.toml` says of its project; undefined when it cannot be read as one. */
  project(text: string): Promise<Project | undefined>;
  /** The full closure of `requirements`, as an installer resolves it today. */
  resolve(what: {
    readonly requirements: readonly string[];
    readonly interpreter: Interpreter;
    readonly indexUrl?: string;
    readonly extraIndexUrls?: readonly string[];
  }): Promise<readonly ResolvedWheel[]>;
}

/** `[project]` of a pyproject.toml. */
export interface Project {
  readonly name: string;
  readonly version?: string;
  readonly repository?: string;
  readonly dependencies: readonly string[];
}

/** One wheel of a closure. `wantedBy` are the requirement lines or packages that ask for it. */
export interface ResolvedWheel {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  readonly sha256: string;
  readonly wantedBy: readonly string[];
}

/** The registry of node packages. */
export interface Registry {
  /** One release of a pack; `version` may be `latest`. Lists the available versions when there is no such. */
  release(of: { readonly id: string; readonly version: string }): Promise<{
    readonly id: string;
    readonly version: string;
    readonly url: string;
    readonly status: string;
    readonly repository?: string;
  }>;
  /** The pack of an id, or the one that has a class of nodes; undefined when the registry knows none. */
  pack(of: { readonly id: string } | { readonly class: string }): Promise<
    { readonly id: string; readonly repository?: string } | undefined
  >;
}

/** One part of what a slot owns below the target. Paths are relative to the slot's base. */
export type Part =
  /** Everything in a stored tree. `how` says whether people edit it (copy) or not (link); both reflink where they can. */
  | { readonly tree: Tree; readonly at: string; readonly how: 'copy' | 'link' }
  /** A symbolic link to a stored file, relative, so that a volume may be mounted elsewhere. */
  | { readonly blob: Blob; readonly at: string }
  /** A small file that we write. */
  | { readonly text: string; readonly at: string; readonly mode?: number }
  /** A symbolic link as it is. */
  | { readonly link: string; readonly at: string };

/**
 * The target. Changes are staged aside and take effect together in `activate`; until then the target is what it was.
 * A slot is a named part of it (`core`, `node comfyui-foo`, `wheels`): what we placed there is listed in its receipt.
 */
export interface Site {
  /**
   * Stages what is needed to make `parts` the whole of what `slot` owns below `base`. Files that are not ours stay; a file
   * of ours that was edited is kept beside as `<name>.user-<n>`; files of ours that are no longer wanted go.
   */
  stage(what: { readonly slot: string; readonly base: string; readonly parts: readonly Part[] }): Promise<Placement>;
  /** Stages that a slot's directory moves to `to` (`custom_nodes/.disabled/x@nightly`), with its receipt; or back. */
  stageMove(what: { readonly slot: string; readonly to: string }): Promise<void>;
  /** Whether everything the slot's receipt lists is still there, by fingerprint. Looks only, and only with lstat. */
  holds(slot: string): boolean;
  /** Whether something is staged that has not taken effect. */
  pending(): boolean;
  /** The slots that have a receipt, with their base and what their task yielded. */
  slots(): readonly { readonly slot: string; readonly base: string; readonly output: unknown }[];
  /** Makes everything staged take effect, all or nothing, and records `lockfile` (its text) as what the target is now. */
  activate(what: { readonly version: string; readonly lockfile: string }): Promise<void>;
}

/** What a slot holds once it is activated. */
export interface Placement {
  readonly slot: string;
  /** Digest of everything wanted: equal means nothing differs. */
  readonly digest: string;
  readonly files: number;
}
