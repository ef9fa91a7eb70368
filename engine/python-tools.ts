import type { Content } from '#cache';

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
   * byte-compiled, movable. `sha256` is checked by the installer once more. Answers what is in its files, by path, as far as they
   * were hashed on the way.
   */
  unpackWheel(what: {
    readonly wheel: string;
    /** `demo_lib-1.0-py3-none-any.whl`: the wheel's own name, which says what it is for. */
    readonly filename: string;
    readonly sha256: string;
    readonly interpreter: Interpreter;
    readonly into: string;
  }): Promise<ReadonlyMap<string, Content>>;
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
