import { closeSync, copyFileSync, openSync, renameSync, rmSync } from 'node:fs';

import { lengthOf, type Partials, type Sha256, sha256Of, type Span } from '#cache';

import { redactUrl } from '../redact.ts';
import { type Incoming, openIncoming } from './incoming.ts';
import type { Session } from './session.ts';
import { assertRoom, assertWanted, type Found, type Wanted } from './wanted.ts';

/** A file that is being fetched, with what an earlier run left of it. */
export interface Arrival {
  readonly file: Incoming;
  /** Bytes of an earlier run: nobody has checked them yet. */
  readonly inherited: boolean;
  /** What is known of them at a source: the edition they belong to there, when that is where they came from. */
  readonly editionAt: (url: URL) => string | undefined;
  /** Bytes came. Now and then that is written down for whoever takes over. */
  wrote(session: Session, bytes: number): void;
  /** Checks the whole of it and puts it where it was wanted. Throws Failed (integrity), and then nothing is left of it. */
  finish(source: string): Promise<Found>;
  /** Closes it as it is, for a later run where one could go on. */
  leave(): Promise<void>;
}

/** A file of which so many bytes are missing is fetched again rather than remembered. */
const leastKept = 8 * 1024 * 1024;
/** What a run that is killed loses at most: so many bytes, or what came in so many milliseconds, whatever is more. */
const noteBytes = 16 * 1024 * 1024;
const noteMs = 1_000;

/** Opens the file that `wanted` describes. What has no hash to check the whole by begins anew in every run. */
export async function openArrival(
  wanted: Wanted,
  { partials, signal }: { readonly partials: Partials | undefined; readonly signal: AbortSignal },
): Promise<Arrival> {
  const { sha256, size = 0, to } = wanted;
  if (partials === undefined || sha256 === undefined || size < leastKept) {
    assertRoom(to, size);
    return openPlain(wanted);
  }
  closeSync(openSync(to, 'wx'));
  try {
    const { path, note } = await partials.take(sha256, signal);
    const there: readonly Span[] = note?.size === size ? note.spans : [];
    if (there.length === 0) partials.drop(path);
    assertRoom(to, size - lengthOf(there));
    return openKept({ wanted: { ...wanted, sha256, size }, partials, path, there, ...(there.length > 0 && note) });
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  }
}

function openPlain(wanted: Wanted): Arrival {
  const file = openIncoming(wanted.to);
  return {
    file,
    inherited: false,
    editionAt: () => undefined,
    wrote() {},
    finish: async (source) => checked(await file.finish(), wanted, source, () => file.discard()),
    leave: () => file.discard(),
  };
}

interface Kept {
  readonly wanted: Wanted & { readonly sha256: string; readonly size: number };
  readonly partials: Partials;
  readonly path: string;
  readonly there: readonly Span[];
  readonly source?: Sha256;
  readonly edition?: string;
}

function openKept({ wanted, partials, path, there, source, edition }: Kept): Arrival {
  const { sha256, size, to } = wanted;
  const file = openIncoming(path, there);
  let latest: Session | undefined;
  let [unnoted, notedAt] = [0, performance.now()];
  const write = (left: boolean): void => {
    const from =
      latest === undefined ? { source, edition } : { source: addressOf(latest.source.url), edition: latest.edition };
    const known = from.edition === undefined ? {} : { edition: from.edition };
    partials.write(path, { source: from.source ?? sha256Of(''), ...known, size, spans: file.spans(), left });
    [unnoted, notedAt] = [0, performance.now()];
  };
  if (there.length > 0) write(false);
  const drop = async (): Promise<void> => {
    await file.discard();
    partials.drop(path);
    rmSync(to, { force: true });
  };
  return {
    file,
    inherited: there.length > 0,
    editionAt: (url) => (source === addressOf(url) ? edition : undefined),
    wrote(session, bytes) {
      latest = session;
      unnoted += bytes;
      if (unnoted < noteBytes && performance.now() - notedAt < noteMs) return;
      write(false);
    },
    async finish(from) {
      const found = await checked(await file.finish(), wanted, from, drop);
      moveTo(path, to);
      partials.drop(path);
      partials.clear(sha256);
      return found;
    },
    async leave() {
      if (file.size() === 0) return drop();
      await file.close();
      write(true);
      rmSync(to, { force: true });
    },
  };
}

/** The store may be a volume of its own. */
function moveTo(path: string, to: string): void {
  try {
    renameSync(path, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    copyFileSync(path, to);
    rmSync(path);
  }
}

/** An address may hold a secret; its digest tells none. */
const addressOf = (url: URL): Sha256 => sha256Of(redactUrl(url.href));

async function checked(found: Found, wanted: Wanted, source: string, drop: () => Promise<void>): Promise<Found> {
  try {
    assertWanted(found, wanted, source);
    return found;
  } catch (error) {
    await drop();
    throw error;
  }
}
