import { closeSync, fstatSync, openSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import { Failed, type Http } from '#engine';

import { readAt } from '../archive/read-at.ts';
import { redactUrl } from '../redact.ts';
import type { Head, Patience } from './exchange.ts';
import { networkTrouble, statusFailure } from './failures.ts';
import { follow } from './follow.ts';
import type { Claim, Located } from './source.ts';

/** What was read. */
type Bytes = Awaited<ReturnType<Http['read']>>;
/** Which bytes are read. */
type How = NonNullable<Parameters<Http['read']>[1]>;

/** The longest document that is read into memory, in bytes. */
const mostBytes = 64_000_000;

/** Reads a document, or a part of a file, from a server. Throws Failed (network, refused, cancelled). */
export async function readRemote(
  source: Located & Claim,
  { accept = '*/*', part }: How,
  how: {
    readonly signal: AbortSignal;
    readonly patience: Patience;
    /** Hears how many bytes came over the network. */
    readonly onFetched?: ((bytes: number) => void) | undefined;
  },
): Promise<Bytes> {
  const { url, credentials } = source;
  const most = part?.length ?? mostBytes;
  const chunks: Buffer[] = [];
  let read:
    | (Pick<Bytes, 'type' | 'url'> & { readonly total: number | undefined; readonly packed: boolean })
    | undefined;
  let size = 0;
  const headers = {
    'user-agent': 'comfy-pipeline',
    // A part is of the file as it is; pages of indexes are long, and pack well.
    'accept-encoding': part === undefined ? 'gzip' : 'identity',
    accept,
    ...(part === undefined ? {} : { range: rangeOf(part) }),
  };
  await follow(
    { url, method: 'GET', credentials, headers },
    {
      head(head, ask) {
        if (head.status < 200 || head.status > 299) throw statusFailure(head, url, source);
        // Whoever answers with everything may mean gigabytes.
        if (part !== undefined && head.status !== 206)
          throw networkTrouble(url, 'The server hands out whole files only', { transient: false });
        const packed = head.headers['content-encoding'] === 'gzip';
        read = { type: head.headers['content-type'] ?? '', url: (ask?.url ?? url).href, total: totalOf(head), packed };
      },
      data(chunk) {
        size += chunk.length;
        if (size > most) throw tooLong(redactUrl(url.href), most);
        chunks.push(chunk);
      },
    },
    how,
  );
  how.onFetched?.(size);
  const { total = size, packed, ...rest } = read!;
  if (part === undefined && total !== size) throw networkTrouble(url, 'The answer was cut', { transient: true });
  const sent = Buffer.concat(chunks);
  return packed ? { ...rest, ...unpacked(sent, url) } : { ...rest, bytes: sent, total };
}

/** What was packed to be sent. A body that was cut, or that swells beyond what is read, unpacks to nothing. */
function unpacked(sent: Buffer, url: URL): Pick<Bytes, 'bytes' | 'total'> {
  try {
    const bytes = gunzipSync(sent, { maxOutputLength: mostBytes });
    return { bytes, total: bytes.length };
  } catch {
    throw networkTrouble(url, 'The answer cannot be unpacked', { transient: true });
  }
}

/** The same of a file of this machine. Throws Failed (absent). */
export function readLocal(path: string, source: string, { part }: How): Bytes {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new Failed({ kind: 'absent', what: path });
    throw error;
  }
  try {
    const total = fstatSync(file).size;
    if (part === undefined && total > mostBytes) throw tooLong(path, mostBytes);
    const at = part === undefined ? 0 : part.at < 0 ? Math.max(0, total + part.at) : part.at;
    const bytes = readAt(file, at, Math.min(part?.length ?? total, total - at));
    return { bytes, total, type: typeOf(path), url: source };
  } finally {
    closeSync(file);
  }
}

const rangeOf = ({ at, length }: NonNullable<How['part']>): string =>
  at < 0 ? `bytes=${at}` : `bytes=${at}-${at + length - 1}`;

/** How long the whole is, where the server says so. */
function totalOf({ status, headers }: Head): number | undefined {
  const said = status === 206 ? /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] : headers['content-length'];
  return said === undefined ? undefined : Number(said);
}

const typeOf = (path: string): string => (path.endsWith('.json') ? 'application/json' : 'text/html');

const tooLong = (what: string, most: number): Failed =>
  new Failed({ kind: 'refused', what, because: `it is longer than ${most} bytes` });
