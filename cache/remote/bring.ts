import { statSync } from 'node:fs';
import { join } from 'node:path';

import { type Blob, type Digest, hexOf, type Tree } from '../digest.ts';
import { type Desk, findPacking } from './desk.ts';
import { pathOfBytes } from './record.ts';
import { assertRoom } from './room.ts';
import { layTree } from './travelling-tree.ts';

/** Brings the bytes of a digest into the store, where they are checked before anybody uses them. False for any fault. */
export async function bring(desk: Desk, digest: Digest): Promise<boolean> {
  try {
    return digest.startsWith('tree:') ? await bringTree(desk, digest as Tree) : await bringBlob(desk, digest as Blob);
  } catch (error) {
    // Also of this machine's disk: whoever makes it here instead will meet the same, and say so.
    if (!desk.signal.aborted) desk.say(`is of no use for ${digest.slice(0, 12)}...: ${(error as Error).message}`);
    return false;
  }
}

async function bringBlob(desk: Desk, blob: Blob): Promise<boolean> {
  const { store } = desk;
  await using scratch = await store.scratch();
  const file = join(scratch.path, 'blob');
  const sha256 = hexOf(blob);
  if (!(await bringFile(desk, file, { sha256 }))) return false;
  await store.keepFile(file, { sha256, size: statSync(file).size });
  return true;
}

async function bringTree(desk: Desk, tree: Tree): Promise<boolean> {
  const { store, signal } = desk;
  const packing = await findPacking(desk, tree);
  if (packing === undefined) return false;
  await using scratch = await store.scratch();
  assertRoom(scratch.path, packing.size + packing.unpacked);
  const [file, into] = [join(scratch.path, 'packed'), join(scratch.path, 'tree')];
  if (!(await bringFile(desk, file, packing))) return false;
  const laid = await layTree(file, { into, unpacked: packing.unpacked, signal }).catch((error: unknown) => error);
  // What the disk really has is read once more before it counts: it may not keep names or modes as they are.
  if (laid === tree && (await store.keepTree(into)) === tree) return true;
  desk.bad.add(tree);
  throw laid instanceof Error ? laid : new Error('what it sent is another tree');
}

async function bringFile(
  { line, bad }: Desk,
  to: string,
  known: { readonly sha256: string; readonly size?: number },
): Promise<boolean> {
  const path = pathOfBytes(known.sha256);
  const came = await line.file(path, to, known);
  if (came === false) bad.add(path);
  return came === true;
}
