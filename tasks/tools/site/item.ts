import type { Look } from '#cache';

/** What one look at a file shows: bytes, mtime in milliseconds, inode, and whether it may be run. */
export type Fingerprint = Look;

/** A file that a slot owns; `mode` is 0o644 or 0o755. Without a fingerprint nothing is known of the one on disk. */
export interface FileItem {
  readonly type: 'file';
  readonly mode: number;
  readonly size: number;
  readonly sha256: string;
  readonly fingerprint?: Fingerprint;
}

/** A `.git` directory, one unit: git rewrites what is in it, so its commit stands for it. `refs` are `name=commit`. */
export interface GitItem {
  readonly type: 'git';
  readonly commit: string;
  readonly digest: string;
  readonly refs: readonly string[];
}

/** What a slot owns at one path. `blob` marks a link that leads to the store. */
export type Item =
  | FileItem
  | { readonly type: 'link'; readonly to: string; readonly blob?: string }
  | { readonly type: 'directory' }
  | GitItem;

/** What stands at a path now. A file without `sha256` is, by its size alone, nothing we know. */
export type Found =
  | {
      readonly type: 'file';
      readonly mode: number;
      readonly sha256: string | undefined;
      readonly fingerprint: Fingerprint;
    }
  | { readonly type: 'link'; readonly to: string }
  | { readonly type: 'directory' }
  | { readonly type: 'git'; readonly commit: string }
  | { readonly type: 'other' };

/** Whether what stands there holds what `item` says; for a `.git`, whether it is at that commit. */
export function holdsBytesOf(found: Found, item: Item): boolean {
  switch (item.type) {
    case 'file':
      return found.type === 'file' && found.sha256 === item.sha256;
    case 'link':
      return found.type === 'link' && found.to === item.to;
    case 'directory':
      return found.type === 'directory';
    case 'git':
      return found.type === 'git' && found.commit === item.commit;
  }
}

/** Whether two looks at a file show the same. */
export const sameFingerprint = (a: Fingerprint, b: Fingerprint): boolean =>
  a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino && a.runs === b.runs;

/** Whether two slots, or two parts of one, want the same at a path. */
export function sameItem(a: Item, b: Item): boolean {
  if (a.type === 'file' && b.type === 'file') return a.sha256 === b.sha256 && a.mode === b.mode;
  if (a.type === 'link' && b.type === 'link') return a.to === b.to;
  if (a.type === 'git' && b.type === 'git') return a.digest === b.digest;
  return a.type === 'directory' && b.type === 'directory';
}
