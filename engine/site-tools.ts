import type { Blob, Tree } from '#cache';

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
    /**
     * The base is this slot's alone: a directory there in which nothing is as a receipt has it is kept aside whole, always or
     * when it is something else than what is wanted; so is a link that an earlier tool made.
     */
    readonly alone?: 'always' | 'when it differs';
  }): Promise<Placement>;
  /**
   * Stages that a directory moves to `to` (`custom_nodes/.disabled/x@nightly`), or back: a slot's, with its receipt, or (`from`)
   * one that nobody of ours placed. Answers where it goes: `<to>~2` when something is there already.
   */
  stageMove(
    what: ({ readonly slot: string } | { readonly from: string }) & {
      readonly to: string;
      /** What a person is told when it has taken effect, of where it went. */
      readonly news?: (to: string) => string;
    },
  ): Promise<string>;
  /**
   * Stages that a slot goes, with its directory and its receipt; or (`from`) a directory that nobody of ours placed. What we did
   * not put there, and what was edited, is kept: answers in which directory, which is only there when something is.
   */
  stageRemoval(what: { readonly slot: string } | { readonly from: string }): Promise<string>;
  /** Whether everything the slot's receipt lists is still there, by fingerprint. Looks only, and only with lstat. */
  holds(slot: string): boolean;
  /** Whether the files that the slot's receipt lists have the bytes they were placed with: reads them all. What has not is not trusted again in this run. */
  verifies(slot: string): Promise<boolean>;
  /** When a slot was last placed: what was done in it since is gone when that differs. */
  placedAt(slot: string): string | undefined;
  /** Whether something is staged that has not taken effect. */
  pending(): boolean;
  /** The slots that have a receipt, with their base and what their task yielded. */
  slots(): readonly { readonly slot: string; readonly base: string; readonly output: unknown }[];
  /** Makes everything staged take effect, all or nothing, and records `lockfile` (its text) as what the target is now; without one that stays. */
  activate(what?: { readonly version: string; readonly lockfile: string }): Promise<void>;
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

/** The packs below `custom_nodes`, whoever put them there; looked at afresh each time. */
export interface Packs {
  /** What ComfyUI loads: directories and links, sorted. A link of the user's is none of anybody's business, and left out. */
  active(): Promise<readonly ActivePack[]>;
  /** What the `.tracking` of an archive's directory (counted from the target) claims to have brought; undefined for anything else. */
  claimed(directory: string): Promise<readonly string[] | undefined>;
}

/** One of them, its path counted from the target. */
export type ActivePack =
  /** It says itself what it is. `id` is in lower case. */
  | { readonly kind: 'known'; readonly base: string; readonly id: string; readonly version: string }
  /** A link into the cache of an earlier tool. */
  | { readonly kind: 'former'; readonly base: string }
  | { readonly kind: 'unknown'; readonly base: string };

/** Programs that are run in the target, as the user who asked for it. */
export interface Scripts {
  /** Runs a Python script in its own directory, `at` (counted from the target), with the Python of the target where it has one. */
  run(what: { readonly at: string; readonly script: string }): Promise<void>;
}
