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
  readonly bundles: Bundles;
}

/** What a placed task may touch besides: the directory that is being realized. */
export interface SiteTools extends Tools {
  readonly site: Site;
  readonly library: Library;
  readonly scripts: Scripts;
}

/** Programs that are run in the target, as the user who asked for it. */
export interface Scripts {
  /** Runs a Python script in its own directory, `at` (counted from the target), with the Python of the target where it has one. */
  run(what: { readonly at: string; readonly script: string }): Promise<void>;
}

/** The directory in which models of every version are found by whoever looks there (MODELS_DIR). It may be outside the target. */
export interface Library {
  /** Where it is, relative to the target; undefined when it is the target's own `models/`. */
  readonly fromTarget: string | undefined;
  /** Whether the target's own `models` is a symbolic link of the user's that leads there: then models need no links but these. */
  readonly isBehindLink: boolean;
  /** Shows stored models there, as relative links. What stands in the way is left alone, and answered. */
  show(models: readonly LibraryEntry[]): readonly string[];
  /** Whether each of them is shown there, or (where the target has links of its own) something else stands in its place. Looks only. */
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
  /** The requirement lines of a `requirements.txt`, called `from`; what may not be taken is among them, with the reason. */
  requirementLines(text: string, from: string): Promise<readonly RequirementLine[]>;
  /** What a `pyproject.toml` says of its project; undefined when it cannot be read as one. */
  project(text: string): Promise<Project | undefined>;
  /**
   * Everything that is installed for `lines`, as uv or pip resolve it today for one platform. `overrides` win over whatever else is
   * said of a package; of `kept` (name and version) as much stays as can. Throws `conflict`, `absent` or `refused`.
   */
  resolve(what: {
    readonly lines: readonly AskedLine[];
    readonly overrides: readonly AskedLine[];
    readonly kept: readonly KeptPackage[];
    readonly interpreter: Interpreter;
    /** `linux-x86_64`, `macosx-arm64`; need not be this machine's. */
    readonly platform: string;
    /** The build of torch and of what is made for it: `cu128`, `cpu`. */
    readonly torch?: string;
    readonly indexUrl?: string;
    readonly extraIndexUrls?: readonly string[];
    /** A directory for what is only needed meanwhile. */
    readonly scratch: string;
  }): Promise<{
    readonly packages: readonly ResolvedPackage[];
    /** What a person should know of them. */
    readonly notes: readonly { readonly level: 'info' | 'warning'; readonly text: string }[];
  }>;
  /** Builds a wheel from a source (an archive or a directory), with nothing around it but `tools`, below `into` (absent). */
  buildWheel(what: {
    readonly source: { readonly path: string; readonly subdirectory?: string };
    /** Trees of unpacked wheels. */
    readonly tools: readonly string[];
    readonly interpreter: Interpreter;
    readonly into: string;
  }): Promise<{ readonly filename: string }>;
}

/** One line of a requirements file, in one spelling. */
export interface RequirementLine {
  readonly line: string;
  /** `ComfyUI-Foo/requirements.txt:3` */
  readonly where: string;
  /** As indexes compare it; absent where only its source tells. */
  readonly name?: string;
  /** Where it comes from, when that is no index. */
  readonly source?:
    | { readonly kind: 'wheel' | 'archive'; readonly url: string; readonly subdirectory?: string }
    | { readonly kind: 'git'; readonly repo: string; readonly ref?: string; readonly subdirectory?: string };
  /** Why it is not taken. An override of that name does without it. */
  readonly refused?: string;
}

/** A requirement that a resolver is asked, with its file when it comes from no index. */
export interface AskedLine {
  readonly line: string;
  readonly where: string;
  readonly held?: HeldPackage;
}

/** A package of the closure before, and the wheels that building it took. */
export interface KeptPackage {
  readonly name: string;
  readonly version: string;
  readonly build?: readonly { readonly name: string; readonly version: string }[];
}

/** A wheel, or a source to build one from, that lies on this machine: a file or, for a source, a directory. */
export interface HeldPackage {
  readonly path: string;
  readonly pinned: PinnedWheel | PinnedSource;
}

/** A wheel and where it can be had. */
export interface PinnedWheel {
  readonly url: string;
  readonly sha256: string;
  readonly filename: string;
  /** In bytes. */
  readonly size?: number;
}

/** A source archive or a commit. */
export type PinnedSource = PinnedArchive | PinnedCommit;

/** `subdirectory` is where the package is in it. */
interface PinnedArchive {
  readonly url: string;
  readonly sha256: string;
  /** In bytes. */
  readonly size?: number;
  readonly subdirectory?: string;
}

interface PinnedCommit {
  readonly repo: string;
  readonly commit: string;
  readonly ref?: string;
  readonly subdirectory?: string;
}

/** `[project]` of a pyproject.toml. */
export interface Project {
  readonly name: string;
  readonly version?: string;
  readonly repository?: string;
  readonly dependencies: readonly string[];
}

/**
 * One package of a closure, as a lockfile holds it: a wheel, or a source with the wheels that building it takes. `wanted_by` are the
 * places of requirement lines (`ComfyUI-Foo/requirements.txt:3`) and the packages that ask for it.
 */
export type ResolvedPackage = {
  readonly name: string;
  readonly version: string;
  readonly wanted_by: readonly string[];
} & (
  | ({ readonly kind?: 'wheel' } & PinnedWheel)
  | { readonly kind: 'archive'; readonly source: PinnedArchive; readonly build: readonly BuildTool[] }
  | { readonly kind: 'git'; readonly source: PinnedCommit; readonly build: readonly BuildTool[] }
);

/** A wheel that building takes. */
export type BuildTool = PinnedWheel & { readonly name: string; readonly version: string };

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
  stage(what: {
    readonly slot: string;
    readonly base: string;
    readonly parts: readonly Part[];
    /** Directories, counted from the target, that may be symbolic links of the user's: what is wanted behind those is left out. */
    readonly yieldsTo?: readonly string[];
    /** What a person can do about any other symbolic link in the way that leads to `to`. */
    readonly linkHint?: (link: { readonly path: string; readonly to: string }) => string;
    readonly takesOver?: Inheritance;
  }): Promise<Placement>;
  /**
   * Stages that a directory moves to `to` (`custom_nodes/.disabled/x@nightly`), or back: a slot's, with its receipt, or (`from`)
   * one that nobody of ours placed. Answers where it goes: `<to>~2` when something is there already.
   */
  stageMove(what: ({ readonly slot: string } | { readonly from: string }) & { readonly to: string }): Promise<string>;
  /**
   * Stages that a slot goes, with its directory and its receipt; or (`from`) a directory that nobody of ours placed. What we did
   * not put there, and what was edited, is kept: answers in which directory, which is only there when something is.
   */
  stageRemoval(what: { readonly slot: string } | { readonly from: string }): Promise<string>;
  /** Whether everything the slot's receipt lists is still there, by fingerprint. Looks only, and only with lstat. */
  holds(slot: string): boolean;
  /** Whether the files that the slot's receipt lists have the bytes they were placed with: reads them all. What has not is not trusted again in this run. */
  verifies(slot: string): Promise<boolean>;
  /** Whether something is staged that has not taken effect. */
  pending(): boolean;
  /** The slots that have a receipt, with their base and what their task yielded. */
  slots(): readonly { readonly slot: string; readonly base: string; readonly output: unknown }[];
  /** Makes everything staged take effect, all or nothing, and records `lockfile` (its text) as what the target is now; without one that stays. */
  activate(what?: { readonly version: string; readonly lockfile: string }): Promise<void>;
}

/** What another tool placed where a slot is to be: what is known of it counts as placed by us, the rest is the user's. */
export interface Inheritance {
  /** A stored tree that was laid out there: what still is as it has it makes room without a word. */
  readonly tree?: Tree;
  /** Paths below the base that somebody claims to have placed. Nobody believes it: what must go is kept aside, together. */
  readonly tracked?: readonly string[];
  /** The commit that its `.git` is at, when nothing in it would be lost but history. It is kept aside too. */
  readonly commit?: string;
}

/** What a slot holds once it is activated. */
export interface Placement {
  readonly slot: string;
  /** Digest of everything wanted: equal means nothing differs. */
  readonly digest: string;
  readonly files: number;
}
