import { lastPart } from '../documents/git-pin.ts';

/** What became of one thing in a source: as it was, as far as can be told where the source is silent, or not at all. */
export interface Line {
  readonly fate: 'taken' | 'guessed' | 'lost';
  /** `node comfyui-kjnodes 1.1.2` */
  readonly what: string;
  readonly why: string;
}

/** An entry of `custom_nodes` or `models` as a document would hold it, and the line it gets unless it is refused. */
export interface Candidate {
  readonly entry: Readonly<Record<string, unknown>>;
  readonly line: Line;
}

/** A package, as a requirement line. */
export interface FoundPackage {
  readonly requirement: string;
  readonly line: Line;
}

/** What a source says of ComfyUI itself: the pin alone, or its repository too. `why` says how far it is to be trusted. */
export interface FoundCore {
  readonly repo?: string;
  readonly commit?: string;
  readonly ref?: string;
  readonly fate: 'taken' | 'guessed';
  readonly why: string;
}

/** Everything that was found in a source, whatever it is. */
export interface Found {
  readonly core?: FoundCore;
  readonly nodes: readonly Candidate[];
  readonly models: readonly Candidate[];
  readonly packages: readonly FoundPackage[];
  /** Which Python and which build of torch it was: `3.11`, `cu128`. */
  readonly python: { readonly version?: string; readonly torch?: string };
  /** What did not become an entry, or stands for none. */
  readonly lines: readonly Line[];
}

/** A source in which nothing was found. */
export const nothing: Found = { nodes: [], models: [], packages: [], python: {}, lines: [] };

/** What was taken as it was. */
export const taken = (what: string, why: string): Line => ({ fate: 'taken', what, why });

/** What was taken as the most likely thing. */
export const guessed = (what: string, why: string): Line => ({ fate: 'guessed', what, why });

/** What is in the source, and not in the version. */
export const lost = (what: string, why: string): Line => ({ fate: 'lost', what, why });

/** Longer names are shown by their end. */
const shown = 128;

/** What a report calls a node from git: by the name of its repository, without what may be a secret. */
export const titleOf = (repo: string, version = ''): string =>
  `node ${lastPart(repo.replace(/[?#].*$/s, '').slice(-shown))} ${version}`.trim();

/** The beginning of a commit, enough for people to tell it from others. */
export const short = (commit: string): string => commit.slice(0, 7);
