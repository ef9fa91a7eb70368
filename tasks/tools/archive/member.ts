/** One entry of an archive, as its directory describes it. Sizes are in bytes. */
export interface Member {
  /** As it is written there: `/` separates, and ends a directory. */
  readonly name: string;
  /** What another field of the same entry calls it, where that differs. */
  readonly otherName?: string;
  readonly isDirectory: boolean;
  readonly isHardlink: boolean;
  readonly isEncrypted: boolean;
  /** Type and permissions as `stat` has them; 0 where the archive says nothing. */
  readonly mode: number;
  /** 0 is stored, 8 is deflated. */
  readonly method: number;
  readonly size: number;
  readonly packedSize: number;
  readonly crc32: number;
}

/** How much an archive may lay out. */
export interface Limits {
  /** Files and directories. */
  readonly members: number;
  /** Bytes of all files together. */
  readonly bytes: number;
  /** Bytes of one file. */
  readonly memberBytes: number;
  /** Whether a file may be called `.git`. */
  readonly gitFile: boolean;
}

const gibibyte = 1024 ** 3;

/** What is usual, many times over. CUDA wheels hold libraries of more than 1 GiB, and their hash comes from an index. */
export const limitsOf: Readonly<Record<'node' | 'wheel', Limits>> = {
  node: { members: 50_000, bytes: 2 * gibibyte, memberBytes: gibibyte, gitFile: false },
  wheel: { members: 50_000, bytes: 8 * gibibyte, memberBytes: 4 * gibibyte, gitFile: true },
};

/** Why an archive is refused, and because of which entry. */
export interface Fault {
  readonly name: string;
  readonly because: string;
}
