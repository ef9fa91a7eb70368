import { randomBytes } from 'node:crypto';
import { type BigIntStats, lstatSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { blobOf, type Digest } from './digest.ts';
import { bestEffort, codeOf } from './disk-error.ts';
import { renderSeenFile } from './fingerprint.ts';
import { hashFile } from './hash-file.ts';
import { type Place, placeOf } from './layout.ts';
import { openLooker } from './looker.ts';
import { treeOfManifest } from './manifest.ts';
import { readTree } from './read-tree.ts';
import type { Store } from './store.ts';
import type { Temps } from './temps.ts';
import { markUsed } from './use.ts';

/** Says of an object whether it is true, and puts away what is not. */
export interface Proof {
  /** See `Store.proves`. Never throws: what cannot be read is not proven. */
  readonly proves: Store['proves'];
  /** Moves an object out of the way, whatever it is, and says so once. Throws when the disk refuses. */
  readonly quarantine: (digest: Digest) => void;
  /** Writes the fingerprint of an object that has just been read whole. */
  readonly remember: (digest: Digest, seen: string) => void;
}

/**
 * Verdicts are not kept in memory: a verdict is about one moment, and the next edit would go unseen. Looking again costs
 * one lstat a file. Only callers that ask while a proof is under way share it.
 */
export function openProof({ root, temps, warn }: ProofNeeds): Proof {
  const underWay = new Map<string, Promise<boolean>>();
  const said = new Set<string>();
  const looksStill = openLooker();
  const once = (digest: Digest, text: string): void => {
    if (!said.has(digest)) warn(text);
    said.add(digest);
  };

  const quarantine = (digest: Digest): void => {
    const place = placeOf(root, digest);
    const away = join(root, 'quarantine', `${digest.replace(':', '-')}.${randomBytes(4).toString('hex')}`);
    mkdirSync(join(root, 'quarantine'), { recursive: true });
    rmSync(place.seen, { force: true });
    try {
      renameSync(place.object, away);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return; // Somebody else put it away.
      throw error;
    }
    once(digest, `The stored ${digest} was damaged: it is now ${away} and counts as missing`);
  };

  const remember = (digest: Digest, seen: string): void =>
    bestEffort(() => temps.write(placeOf(root, digest).seen, seen));

  const prove = async (digest: Digest, rehash: boolean, isUse: boolean): Promise<boolean> => {
    const place = placeOf(root, digest);
    const before = seenAt(place);
    if (!rehash && before !== undefined && (await looksStill({ object: place.object, seen: before }))) {
      if (isUse) markUsed(place);
      return true;
    }
    try {
      const verdict = await examine(place, digest);
      if (verdict.is === 'true' && (isUse || before !== verdict.seen)) remember(digest, verdict.seen);
      if (verdict.is === 'damaged') quarantine(digest);
      return verdict.is === 'true';
    } catch (error) {
      once(digest, `The stored ${digest} counts as missing: ${(error as Error).message}`);
      return false;
    }
  };

  return {
    async proves(digest, { rehash = false, isUse = true } = {}) {
      const question = `${digest} ${rehash} ${isUse}`;
      const proof = underWay.get(question) ?? prove(digest, rehash, isUse).finally(() => underWay.delete(question));
      underWay.set(question, proof);
      return proof;
    },
    quarantine,
    remember,
  };
}

/** The fingerprint as it was written; undefined where there is none to be read. */
function seenAt({ seen }: Place): string | undefined {
  try {
    return readFileSync(seen, 'utf8');
  } catch {
    return undefined;
  }
}

interface ProofNeeds {
  readonly root: string;
  readonly temps: Temps;
  readonly warn: (text: string) => void;
}

type Verdict = { readonly is: 'true'; readonly seen: string } | { readonly is: 'damaged' | 'missing' };

/** Codes that mean the bytes, not this process: what is there cannot be the object. */
const damage = ['EIO', 'ENOTSUP', 'EILSEQ', 'ELOOP', 'ENOTDIR', 'EISDIR'];

/** Reads the whole object. Throws what says nothing about it (`EACCES`, `EMFILE`). */
async function examine(place: Place, digest: Digest): Promise<Verdict> {
  const before = look(place.object);
  if (!before) return { is: 'missing' };
  try {
    const { actual, seen } = await read(place.object, digest, before);
    if (actual === digest) return { is: 'true', seen };
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (code !== 'ENOENT' && !damage.includes(code)) throw error;
  }
  // Somebody may have put it right meanwhile; what is there now was not read and must not be put away.
  return { is: look(place.object)?.ino === before.ino ? 'damaged' : 'missing' };
}

const look = (path: string): BigIntStats | undefined => lstatSync(path, { bigint: true, throwIfNoEntry: false });

async function read(
  path: string,
  digest: Digest,
  found: BigIntStats,
): Promise<{ readonly actual?: Digest; readonly seen: string }> {
  if (digest.startsWith('tree:')) {
    if (!found.isDirectory()) return { seen: '' };
    const { manifest, seen } = await readTree(path);
    return { actual: treeOfManifest(manifest), seen };
  }
  if (!found.isFile()) return { seen: '' };
  const { sha256, stat } = await hashFile(path);
  return { actual: blobOf(sha256), seen: renderSeenFile(stat) };
}
