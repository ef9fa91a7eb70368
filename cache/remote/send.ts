import { statSync } from 'node:fs';
import { join } from 'node:path';

import { checkedFile } from '../checked-file.ts';
import { type Blob, type Digest, hexOf, type Tree } from '../digest.ts';
import type { Answer } from '../results.ts';
import { type Desk, findPacking } from './desk.ts';
import { nameOfPacking, pathOfBytes, pathOfRecord, renderRecord } from './record.ts';
import { digestsIn } from './shareable.ts';

/** Sends answers: all bytes that one names, as far as the remote lacks them, and then the record. Answers whether it is there. */
export function openSender(desk: Desk): (answer: Answer) => Promise<boolean> {
  const sent = new Map<Digest, Promise<boolean>>();
  const send = (digest: Digest): Promise<boolean> => {
    const sending =
      sent.get(digest) ??
      (digest.startsWith('tree:') ? sendTree(desk, digest as Tree) : sendBlob(desk, digest as Blob));
    sent.set(digest, sending);
    return sending;
  };
  return async (answer) => {
    for (const digest of digestsIn(answer.output)) if (!(await send(digest))) return false;
    return sendRecord(desk, answer.key, answer);
  };
}

async function sendBlob(desk: Desk, blob: Blob): Promise<boolean> {
  if (!(await desk.store.proves(blob))) return false;
  const file = desk.store.pathOf(blob);
  return sendFile(desk, file, { sha256: hexOf(blob), size: statSync(file).size });
}

async function sendTree(desk: Desk, tree: Tree): Promise<boolean> {
  const { store, signer, signal, bad } = desk;
  const known = bad.has(tree) ? undefined : await findPacking(desk, tree, [signer?.by ?? 'anybody']);
  if (known !== undefined && (await isThere(desk, known))) return true;
  if (!(await store.proves(tree))) return false;
  await using scratch = await store.scratch();
  const to = join(scratch.path, 'packed');
  const { packTree } = await import('./travelling-tree.ts');
  const packing = await packTree(tree, { store, to, signal });
  return (await sendFile(desk, to, packing)) && sendRecord(desk, nameOfPacking(tree), packing);
}

interface Known {
  readonly sha256: string;
  readonly size: number;
}

async function sendFile(desk: Desk, file: string, known: Known): Promise<boolean> {
  if (await isThere(desk, known)) return true;
  const cargo = { size: known.size, open: checkedFile(file, known) };
  return desk.line.send(pathOfBytes(known.sha256), cargo);
}

/** Whether the remote has an object already, as far as it can be seen from its size. */
async function isThere({ line, bad }: Desk, { sha256, size }: Known): Promise<boolean> {
  const path = pathOfBytes(sha256);
  return !bad.has(path) && (await line.size(path)) === size;
}

const sendRecord = ({ line, signer }: Desk, name: string, content: unknown): Promise<boolean> =>
  line.send(pathOfRecord(name, signer?.by ?? 'anybody'), renderRecord(name, content, signer));
