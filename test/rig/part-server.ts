import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a server of one file behaves. */
export interface Habit {
  /** The headers that say which edition of the file an answer is of; a tag unless told otherwise. */
  readonly edition?: Readonly<Record<string, string>>;
  /** The same for partial answers, where they say something else. */
  readonly editionOfParts?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ignoresRange?: boolean;
  /** Partial answers are moved by so many bytes. */
  readonly moves?: number;
  /** Partial answers claim that the whole has so many bytes. */
  readonly claims?: number;
  /** What happens to the first `faults` parts, when half of them is sent. */
  readonly fault?: 'cut' | 'reset' | 'stall';
  readonly faults?: number;
  /** Every answer stops for ever, when three quarters of it have come. */
  readonly holds?: boolean;
  /** The first whole answer is cut after so many bytes. */
  readonly cutFirst?: number;
  /** The first whole answer stops in the middle until every other connection has nothing to do. */
  readonly slowFirst?: boolean;
  /** Refuses partial requests: those above so many connections at once, or the next ones. `retryAfter` is in seconds. */
  readonly busy?: {
    readonly status: number;
    readonly above?: number;
    readonly next?: number;
    readonly retryAfter?: number;
  };
  /** Partial requests are forbidden, but for such as come when nobody else is there. */
  readonly opensOnce?: boolean;
}

/** What a request asked for. */
interface Asked {
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  /** Bytes that were promised in answer. */
  readonly bytes: number;
}

/** A server of one file that can be asked for parts, gone when it is disposed of. */
export interface PartServer extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Answers that were under way at once, at most. */
  most(): number;
  /** Faults that did not happen yet. */
  faults(): number;
  refused(): number;
  /** Called when the first part is asked for. */
  onPart(work: () => void): void;
  /** From now on it is another file. */
  change(body: Buffer, habit: Habit): void;
}

/** Starts one on a free port. */
export async function servePartsOf(first: Buffer, firstHabit: Habit): Promise<PartServer> {
  let [body, habit] = [first, firstHabit];
  const asked: Asked[] = [];
  const counts = {
    now: 0,
    most: 0,
    refused: 0,
    faults: firstHabit.faults ?? 0,
    wholes: 0,
    next: firstHabit.busy?.next ?? 0,
  };
  let atPart: (() => void) | undefined;
  let finishSlow: (() => void) | undefined;

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { range, 'if-range': ifRange } = request.headers;
    const wanted = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
    if (wanted !== null) {
      atPart?.();
      atPart = undefined;
    }
    const edition = habit.edition ?? { etag: '"one"' };
    const isOf = ifRange === undefined || Object.values(edition).includes(String(ifRange));
    const isPart = wanted !== null && isOf && habit.ignoresRange !== true;
    const start = isPart ? Number(wanted[1]) : 0;
    const end = isPart && wanted[2] !== '' ? Number(wanted[2]) + 1 : body.length;
    asked.push({ range, ifRange: ifRange === undefined ? undefined : String(ifRange), bytes: end - start });
    counts.now += 1;
    counts.most = Math.max(counts.most, counts.now);
    response.once('close', () => {
      counts.now -= 1;
      if (counts.now === 1) finishSlow?.();
    });
    if (isPart && refuses()) {
      counts.refused += 1;
      const { status = 403, retryAfter } = habit.busy ?? {};
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
      return void response.writeHead(status).end('no');
    }
    const moved = start + (isPart ? (habit.moves ?? 0) : 0);
    response.writeHead(isPart ? 206 : 200, {
      'accept-ranges': 'bytes',
      ...habit.headers,
      ...(isPart ? (habit.editionOfParts ?? edition) : edition),
      'content-length': end - start,
      ...(isPart && { 'content-range': `bytes ${moved}-${moved + end - start - 1}/${habit.claims ?? body.length}` }),
    });
    send(response, body.subarray(start, end), isPart);
  };

  const refuses = (): boolean => {
    if (habit.opensOnce === true) return counts.now > 1;
    if (habit.busy === undefined) return false;
    if (counts.next > 0) {
      counts.next -= 1;
      return true;
    }
    return counts.now > (habit.busy.above ?? Infinity);
  };

  const send = (response: ServerResponse, bytes: Buffer, isPart: boolean): void => {
    const half = Math.floor(bytes.length / 2);
    if (!isPart && (counts.wholes += 1) === 1) {
      if (habit.cutFirst !== undefined)
        return void response.write(bytes.subarray(0, habit.cutFirst), () => response.socket?.end());
      if (habit.slowFirst === true) {
        finishSlow = () => response.end(bytes.subarray(1_000_000));
        return void response.write(bytes.subarray(0, 1_000_000));
      }
    }
    if (habit.holds === true) return void response.write(bytes.subarray(0, Math.floor(bytes.length * 0.75)));
    if (!isPart || counts.faults === 0) return void response.end(bytes);
    counts.faults -= 1;
    response.write(bytes.subarray(0, half), () => {
      if (habit.fault === 'cut') response.socket?.end();
      if (habit.fault === 'reset') response.socket?.resetAndDestroy();
    });
  };

  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.bin`,
    asked,
    most: () => counts.most,
    faults: () => counts.faults,
    refused: () => counts.refused,
    onPart: (work) => void (atPart = work),
    change: (other, how) => void ([body, habit] = [other, how]),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
