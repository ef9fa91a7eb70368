import type { Blob, Digest, Tree } from './digest.ts';
import type { Look } from './fingerprint.ts';
import type { Content } from './hash-file.ts';
import type { Entry } from './manifest.ts';

/** A private directory on the store's volume, removed when it is disposed of. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
}

/** Digest -> bytes. Content is immutable; nothing is trusted because it exists. */
export interface Store {
  /** A fresh private directory from which `keepFile` and `keepTree` are a rename. */
  scratch(): Promise<Scratch>;
  /**
   * Moves a file in and answers its digest. `known` saves hashing bytes that were hashed while they were written. What
   * `isShared` is a second name of somebody's file, and stays one: an edit of it is found as any other is.
   */
  keepFile(path: string, known?: Content & { readonly isShared?: boolean }): Promise<Blob>;
  /**
   * Moves a directory in and answers its digest. Modes become 0644 or 0755; links are kept as they are. `known` saves reading the
   * files in it, by path, that were hashed while they were written.
   */
  keepTree(path: string, known?: ReadonlyMap<string, Content>): Promise<Tree>;
  /**
   * Whether the bytes are here and true: by fingerprint, else by hash. What fails is quarantined, said once, and a miss. Asking
   * counts as a use, which keeps `gc` away for a while, unless it `isUse: false`.
   */
  proves(digest: Digest, how?: { readonly rehash?: boolean; readonly isUse?: boolean }): Promise<boolean>;
  /** Where the bytes of a proven digest are: a file for a blob, a directory for a tree. Read only. */
  pathOf(digest: Digest): string;
  /** What a proven tree holds, sorted by path. */
  entries(tree: Tree): Promise<readonly Entry[]>;
  /** What the files of a proven tree looked like when they were found to be true, by path; of what is not known nothing is said. */
  looks(tree: Tree): ReadonlyMap<string, Look>;
  /** Stands for what all of that says: another text where one file looked different; empty where nothing is known. */
  lookedLike(tree: Tree): string;
}
