import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';

import { withPath } from '../disk-error.ts';
import type { Breaker, Way } from './breaker.ts';
import { type Cargo, type Carrier, cargoOf, type Told } from './carrier.ts';
import { paced, type Patience } from './pace.ts';
import { assertRoom } from './room.ts';

/** A remote as its users see it: what fails is a miss, and nothing is handed on that is not what it was to be. */
export interface Line {
  /** The text of a small object. */
  readonly text: (path: string, mostBytes: number) => Promise<string | undefined>;
  /** Writes an object to `to` (absent). Answers whether it came, and hashes to `sha256`. */
  readonly file: (path: string, to: string, known: Known) => Promise<boolean | 'absent'>;
  /** The size in bytes of an object that is there, -1 where nobody says it. Asked before something is sent. */
  readonly size: (path: string) => Promise<number | 'absent' | undefined>;
  readonly send: (path: string, cargo: Cargo | string) => Promise<boolean>;
}

/** What is known of an object: its hash, and perhaps its size in bytes. */
interface Known {
  readonly sha256: string;
  readonly size?: number;
}

/** What an exchange needs besides the server. */
export interface Conditions {
  readonly breaker: Breaker;
  readonly patience: Patience;
  readonly signal: AbortSignal;
  /** Told before a file comes that takes its time, with its size in bytes. */
  readonly onLarge: (bytes: number) => void;
}

/** A line over a carrier. */
export function openLine(carrier: Carrier, { breaker, patience, signal, onLarge }: Conditions): Line {
  const attempt = (way: Way, exchange: Parameters<typeof paced<Told>>[2]): ReturnType<Breaker['attempt']> =>
    breaker.attempt(way, () => paced(patience, signal, exchange));
  return {
    async text(path, mostBytes) {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      const told = await attempt('read', (stop, moved) =>
        carrier.get(
          path,
          {
            head: () => {},
            data(chunk) {
              moved(chunk.length);
              if ((bytes += chunk.length) > mostBytes) throw new Error('it sends more than a record can be');
              chunks.push(chunk);
            },
          },
          stop,
        ),
      );
      return typeof told === 'object' ? Buffer.concat(chunks).toString() : undefined;
    },
    async file(path, to, known) {
      const told = await attempt('read', (stop, moved) =>
        receive(carrier, { path, to, onLarge, ...known }, stop, moved),
      );
      return told === 'absent' ? told : told !== undefined;
    },
    async size(path) {
      const told = await attempt('write', (stop) => carrier.head(path, stop));
      return typeof told === 'object' ? (told.size ?? -1) : told;
    },
    async send(path, what) {
      const cargo = typeof what === 'string' ? cargoOf(what) : what;
      const told = await attempt('write', (stop, moved) => carrier.put(path, counted(cargo, moved), stop));
      if (told === 'absent') breaker.close('write', 'it answers 404 to what is sent');
      return typeof told === 'object';
    },
  };
}

interface Incoming extends Known {
  readonly path: string;
  readonly to: string;
  readonly onLarge: (bytes: number) => void;
}

/** From this size on, in bytes, people want to know what they wait for. */
const largeBytes = 64 * 1024 * 1024;

/** Throws when what came is not what was asked for. */
async function receive(
  carrier: Carrier,
  { path, to, sha256, size, onLarge }: Incoming,
  signal: AbortSignal,
  moved: (bytes: number) => void,
): Promise<Told> {
  const file = openSync(to, 'wx', 0o644);
  const hash = createHash('sha256');
  let [done, most] = [0, size ?? Infinity];
  try {
    const told = await carrier.get(
      path,
      {
        head({ size: said }) {
          if (said === undefined) throw new Error('it does not say how large its objects are');
          if (size !== undefined && said !== size) throw wrong(path);
          assertRoom(to, (most = said));
          if (said >= largeBytes) onLarge(said);
        },
        data(chunk) {
          if (done + chunk.length > most) throw wrong(path);
          writeAll(file, chunk, done, to);
          hash.update(chunk);
          done += chunk.length;
          moved(chunk.length);
        },
      },
      signal,
    );
    if (told.status < 300 && hash.digest('hex') !== sha256) throw wrong(path);
    return told;
  } finally {
    closeSync(file);
  }
}

const wrong = (path: string): Error => new Error(`it sent other bytes than ${path.slice(0, 16)}... is`);

function writeAll(file: number, chunk: Uint8Array, at: number, path: string): void {
  try {
    for (let done = 0; done < chunk.length;) done += writeSync(file, chunk, done, chunk.length - done, at + done);
  } catch (error) {
    throw withPath(error, path);
  }
}

const counted = ({ size, open }: Cargo, moved: (bytes: number) => void): Cargo => ({
  size,
  async *open(start, end) {
    for await (const chunk of open(start, end)) {
      yield chunk;
      // Asked for the next one, whoever carries it has got rid of this one.
      moved(chunk.length);
    }
  },
});
