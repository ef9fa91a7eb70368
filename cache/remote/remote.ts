import type { Digest } from '../digest.ts';
import type { Answer } from '../results.ts';
import type { Store } from '../store.ts';
import { atMost } from './at-most.ts';
import { openBreaker } from './breaker.ts';
import { bring } from './bring.ts';
import type { Carrier } from './carrier.ts';
import { keysOf } from './keys.ts';
import { type Desk, findAnswer } from './desk.ts';
import { openLine } from './line.ts';
import { type Patience, usualPatience } from './pace.ts';
import { openSender } from './send.ts';
import { isBoundHere } from './shareable.ts';
import { openUploads } from './uploads.ts';

/** Answers and bytes that others keep. Nothing here throws or rejects: what goes wrong is a miss, said once. */
export interface Remote {
  readonly lookup: (key: string) => Promise<Answer | undefined>;
  /** Brings the bytes of a digest into the store. */
  readonly bring: (digest: Digest) => Promise<boolean>;
  /** Sends an answer, and all bytes that it names, while the run goes on. */
  readonly offer: (answer: Answer) => void;
  /** Waits until what was offered is sent, but not for ever, and tells what came of it. */
  readonly settle: () => Promise<void>;
}

/** What a remote works with. */
export interface RemoteNeeds {
  readonly carrier: Carrier;
  /** Where bytes go, and where those that are sent come from. */
  readonly store: Store;
  readonly mode: 'read' | 'read-write';
  /** A private key in PEM: what is sent is signed. */
  readonly signingKey?: string;
  /** Public keys, see `keys.ts`: only what their holders signed is believed. */
  readonly trustedKeys?: string;
  /** Texts that no record may hold. */
  readonly secrets: readonly string[];
  readonly tell: (level: 'info' | 'warning', text: string) => void;
  readonly signal: AbortSignal;
  readonly patience?: Patience;
  /** How long `settle` waits at most, in milliseconds. */
  readonly waitMs: number;
}

/** How many small records, and how many files, are on their way here at once. */
const [mostRecords, mostFiles] = [32, 6];

/** The remote behind a carrier. Throws a TypeError for keys that are none. */
export function openRemote(needs: RemoteNeeds): Remote {
  const { carrier, store, mode, secrets, tell, waitMs, patience = usualPatience } = needs;
  const { authors, ...signing } = keysOf(needs);
  // Nobody who trusts somebody believes what nobody signed.
  const writes = mode === 'read-write' && ('signer' in signing || authors.includes('anybody'));
  const end = new AbortController();
  const signal = AbortSignal.any([needs.signal, end.signal]);
  const there = `the remote cache at ${carrier.place}`;
  const breaker = openBreaker(carrier.place, (text) => tell('warning', text), signal);
  const { isOpen, say } = breaker;
  const line = openLine(carrier, {
    breaker,
    patience,
    signal,
    onLarge: (bytes) => tell('info', `Bringing ${Math.round(bytes / 1e6)} MB from ${there}`),
  });
  const desk: Desk = { line, store, authors, ...signing, signal, say, bad: new Set() };
  const uploads = openUploads({
    send: openSender(desk),
    isOpen: () => isOpen('write'),
    waitMs,
    signal,
    warn: say,
    onWait: (count) => tell('info', `On the way to ${there}: ${counted(count, 'result')}`),
  });
  const [record, file] = [atMost(mostRecords), atMost(mostFiles)];
  const misses = new Set<string>();
  const coming = new Map<Digest, Promise<boolean>>();
  const came = { answers: 0, objects: 0 };
  return {
    async lookup(key) {
      if (misses.has(key) || !isOpen('read')) return undefined;
      const found = await record(() => findAnswer(desk, key));
      if (found === undefined) misses.add(key);
      else came.answers++;
      return found;
    },
    bring(digest) {
      const known = coming.get(digest);
      if (known !== undefined) return known;
      const bringing = file(async () => isOpen('read') && (await bring(desk, digest))).then((here) => {
        // What did not come is not asked for again; what came may be lost again.
        if (here) coming.delete(digest);
        if (here) came.objects++;
        return here;
      });
      coming.set(digest, bringing);
      return bringing;
    },
    offer(answer) {
      if (writes && !isBoundHere(answer, secrets)) uploads.add(answer);
    },
    async settle() {
      const { went, left } = await uploads.settle();
      // What is left must not keep the process.
      if (left > 0) end.abort();
      const { answers, objects } = came;
      if (answers + objects > 0)
        tell('info', `From ${there}: ${counted(answers, 'result')}, ${counted(objects, 'object')}`);
      if (went > 0) tell('info', `To ${there}: ${counted(went, 'result')}`);
    },
  };
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
