import { giveBackAfterLast } from '../give-back.ts';
import { redactUrl } from '../redact.ts';
import type { Allotment, Lot } from './allotment.ts';
import type { Ask, Head } from './exchange.ts';
import { networkTrouble } from './failures.ts';
import { follow } from './follow.ts';
import {
  assertPromising,
  assertShort,
  beginAnew,
  type Carrier,
  isContinuable,
  isSameFile,
  readHead,
  type Session,
  pieceFor,
  sizeOf,
  spoil,
} from './session.ts';
import { otherSize } from './wanted.ts';

/** Thrown to end an answer of which no more is wanted: others have the rest. */
const enough = new Error('Enough');

/** Thrown when a part was asked for beside others, and the whole file came. */
export const unwelcome = new Error('Unwelcome');

/** One lot, and how it is asked for: as far as the source will send (`open`), or this part only, beside others. */
interface Task {
  readonly lot: Lot;
  readonly kind: 'open' | 'part';
  readonly allotment: Allotment;
  /** Called when its bytes begin to come. */
  readonly onStart: () => void;
}

/** Fetches one lot into the file, in one exchange. Throws Failed (network, integrity, disk, cancelled), or `unwelcome`. */
export async function fetchLot(session: Session, task: Task, carrier: Carrier): Promise<void> {
  const { source, file } = session;
  const { lot, kind, allotment } = task;
  const isPart = kind === 'part' || isContinuable(session);
  const from = lot.at;
  let reach = kind === 'part' ? lot.end : allotment.reach(lot);
  let answer: 'part' | 'whole' | undefined;
  let before: Buffer | undefined;

  const onHead = (head: Head, ask: Ask | undefined): void => {
    answer = readHead(session, head, isPart ? from : undefined);
    if (answer === 'whole' && kind === 'part') throw declined(session, head);
    if (answer === 'whole') beginAnew(session, head);
    session.place = ask;
  };
  const onFirst = (chunk: Buffer): void => {
    assertPromising(session, chunk);
    session.enter();
    session.begun = true;
    if (answer === 'whole') {
      if (file.size() > 0) file.restart();
      lot.at = 0;
      lot.end = reach = sizeOf(session);
    }
    answer = undefined;
    allotment.settle(sizeOf(session), pieceFor(session, carrier));
    if (sizeOf(session) !== Infinity) file.expect(sizeOf(session));
    task.onStart();
  };
  const onData = (chunk: Buffer): void => {
    if (answer !== undefined) onFirst(chunk);
    for (let rest = chunk; rest.length > 0;) {
      if (lot.at >= lot.end && !allotment.extend(lot, reach)) throw surplus(session, lot, rest.length);
      const bytes = rest.subarray(0, lot.end - lot.at);
      if (lot.end === Infinity) assertShort(session, lot.at + bytes.length);
      file.write(bytes, lot.at);
      lot.at += bytes.length;
      rest = rest.subarray(bytes.length);
      session.wrote(bytes.length);
    }
    // Who reads the answer is done with a piece when the next one comes.
    if (before !== undefined) giveBackAfterLast(before);
    before = chunk;
    // What follows would only be thrown away; an answer that ends here leaves its connection to be used again.
    if (lot.at >= lot.end && lot.end < reach && !allotment.extend(lot, reach)) throw enough;
  };

  const { url, credentials } = (kind === 'part' ? session.place : undefined) ?? source;
  const last = kind === 'open' && reach >= sizeOf(session) ? undefined : reach - 1;
  const headers = {
    'user-agent': 'comfy-pipeline',
    'accept-encoding': 'identity',
    ...(isPart && rangeOf(from, last, session)),
  };
  try {
    await follow({ url, credentials, method: 'GET', headers }, { head: onHead, data: onData }, carrier);
  } catch (error) {
    if (error !== enough) throw error;
  }
  if (lot.end === Infinity) session.total = lot.end = lot.at;
  if (lot.at < lot.end) throw cutShort(session);
}

/** The bytes from `from` to `last`, or to the end, of the edition that is here already. */
const rangeOf = (from: number, last: number | undefined, { edition }: Session): Readonly<Record<string, string>> => ({
  range: `bytes=${from}-${last ?? ''}`,
  ...(edition !== undefined && { 'if-range': edition }),
});

/** The whole file came where a part of it was asked for: parts are not to be had, or it is another file by now. */
function declined(session: Session, head: Head): Error {
  if (isSameFile(session, head)) {
    session.parts = 'no';
    return unwelcome;
  }
  spoil(session);
  return networkTrouble(session.source.url, 'The file changed while it was fetched', { transient: true });
}

/** More came than the lot is long: the rest is somebody else's, or the file is longer than it may be. */
const surplus = (session: Session, { end }: Lot, bytes: number): Error =>
  end < sizeOf(session) ? enough : otherSize(redactUrl(session.source.url.href), sizeOf(session), end + bytes);

const cutShort = (session: Session): Error =>
  networkTrouble(session.source.url, `The transfer ended after ${session.file.size()} of ${sizeOf(session)} bytes`, {
    transient: true,
  });
