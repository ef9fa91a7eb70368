import { redactUrl } from '../redact.ts';
import type { Ask, Head, Patience } from './exchange.ts';
import type { Connections } from './connections.ts';
import { isWebPage, networkTrouble, statusFailure, webPage } from './failures.ts';
import type { Incoming } from './incoming.ts';
import type { Claim, Located } from './source.ts';
import { assertRoom, otherSize, type Wanted } from './wanted.ts';

/** What transfers share: when to stop, how patient to be, how to wait, how many connections there may be. */
export interface Carrier {
  readonly signal: AbortSignal;
  readonly patience: Patience;
  readonly wait: (ms: number) => Promise<void>;
  readonly connections: Connections;
  /** From so many bytes on, a file is fetched in parts side by side. */
  readonly leastSpread: number;
}

/** One file on its way from one source. */
export interface Session {
  readonly source: Located & Claim;
  readonly wanted: Wanted;
  readonly file: Incoming;
  /** What everything in `file` has in common at this source, to be asked for again: a strong ETag, else a date. */
  edition: string | undefined;
  /** What is in `file` is of the same bytes, though not from here: the hash of the whole will tell. */
  inherits: boolean;
  /** The size it will have, as the source says. */
  total: number | undefined;
  /** Whether the source hands out parts. */
  parts: 'unknown' | 'yes' | 'no';
  /** What came from there does not belong together. */
  isSpoiled: boolean;
  /** A byte has come. */
  begun: boolean;
  /** Where the bytes are, after redirects. */
  place: Pick<Ask, 'url' | 'credentials'> | undefined;
  /** Called when the first byte is here, before it is written; throws to have none of it. */
  readonly enter: () => void;
  /** Called when so many bytes were written. */
  readonly wrote: (bytes: number) => void;
}

/** Where nobody says how large a file is. */
const mostBytes = 256 * 1024 ** 3;
/** A large file is fetched in about so many pieces, and no piece is smaller or larger than this, in bytes. */
const pieces = 32;
const leastPiece = 8 * 1024 * 1024;
const mostPiece = 64 * 1024 * 1024;
/** How a web page starts, after a byte order mark and white space (as Latin-1). */
const htmlStart = /^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)\b/i;

/** The size that a file will have, as far as anybody has said; `Infinity` where nobody has. */
export const sizeOf = ({ total, wanted }: Session): number => total ?? wanted.size ?? Infinity;

/** Whether what is in the file is worth asking for the rest. */
export const isContinuable = ({ file, edition, inherits }: Session): boolean =>
  file.size() > 0 && (edition !== undefined || inherits);

/** What an answer brings: the part from byte `from` on, or the whole file. Throws on anything else. */
export function readHead(session: Session, head: Head, from: number | undefined): 'part' | 'whole' {
  const { source } = session;
  const { status, headers } = head;
  if (status === 206 && from !== undefined && continues(session, head, from)) {
    session.parts = 'yes';
    session.edition ??= editionOf(head);
    return 'part';
  }
  if (status === 206 || (status === 416 && from !== undefined)) {
    spoil(session);
    session.parts = 'no';
    throw networkTrouble(source.url, 'The server sent another part than was asked for', { transient: true });
  }
  if (status !== 200) throw statusFailure(head, source.url, source);
  if (isWebPage(head)) throw webPage(source);
  if (headers['accept-ranges'] === 'none') session.parts = 'no';
  return 'whole';
}

/** Takes over what the head of a whole answer says of the file. */
export function beginAnew(session: Session, head: Head): void {
  session.edition = editionOf(head);
  session.inherits = false;
  session.total = lengthIn(head);
}

/** Whether a whole answer is of the same file as what is here already. */
export const isSameFile = ({ edition, total }: Session, head: Head): boolean =>
  editionOf(head) === edition && lengthIn(head) === total;

/** Nothing of what is here is to be continued. */
export function spoil(session: Session): void {
  session.edition = undefined;
  session.inherits = false;
  session.isSpoiled = true;
}

/** How much of the file is asked for at once: all of it, where parts are not to be had or not worth it. */
export function pieceFor(session: Session, { leastSpread }: Pick<Carrier, 'leastSpread'>): number {
  const total = sizeOf(session);
  if (!isSpreadable(session, leastSpread)) return Infinity;
  return Math.min(mostPiece, Math.max(Math.min(leastPiece, leastSpread / 4), Math.ceil(total / pieces)));
}

/** Whether a file is large enough to be fetched in parts, which are not known to be refused, and known to belong together. */
export function isSpreadable(session: Session, leastSpread: number): boolean {
  const total = sizeOf(session);
  return total >= leastSpread && total !== Infinity && session.parts !== 'no' && session.edition !== undefined;
}

/** Looks at the first bytes: nobody should wait for the last byte of what cannot be the file. */
export function assertPromising({ file, total, source, wanted }: Session, chunk: Buffer): void {
  if (htmlStart.test(chunk.toString('latin1', 0, 256))) throw webPage(source);
  if (total === undefined) return;
  if (wanted.size !== undefined && wanted.size !== total)
    throw otherSize(redactUrl(source.url.href), wanted.size, total);
  assertRoom(wanted.to, total - file.size());
}

/** Throws Failed (integrity) when a file of which nobody knows the size becomes `size` bytes long, which is too much. */
export function assertShort({ source, wanted }: Session, size: number): void {
  const most = wanted.size ?? mostBytes;
  if (size > most) throw otherSize(redactUrl(source.url.href), most, size);
}

/** Whether a partial answer starts exactly where it should, in the same edition of the same file. */
function continues(session: Session, head: Head, from: number): boolean {
  const [, start, whole] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(head.headers['content-range'] ?? '') ?? [];
  const total = sizeOf(session);
  const sameSize = whole === '*' ? !session.inherits : total === Infinity || Number(whole) === total;
  return Number(start) === from && sameSize && isOf(session.edition, head);
}

/** A part need not repeat what was asked for with `If-Range`; when it says something, that must be it. */
function isOf(edition: string | undefined, { headers }: Head): boolean {
  if (edition === undefined) return true;
  const said = edition.startsWith('"') ? headers['etag'] : headers['last-modified'];
  return said === undefined || said === edition;
}

function editionOf({ headers }: Head): string | undefined {
  const { etag } = headers;
  // A weak tag says that two are as good as each other, not that they are the same bytes.
  if (etag !== undefined) return etag.startsWith('"') ? etag : undefined;
  return headers['last-modified'];
}

function lengthIn({ headers }: Head): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
