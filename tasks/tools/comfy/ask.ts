import { closeSync, openSync } from 'node:fs';

import { Failed } from '#engine';

import { type Ask, exchange, type Head } from '../http/exchange.ts';
import { writeAll } from '../write-all.ts';

/** What every question to a server is asked with. */
export interface Asking {
  readonly signal: AbortSignal;
}

/** One question to a server. */
export interface Question {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** What is sent, and what it is: a JSON document unless `type` says otherwise. */
  readonly body?: unknown;
  readonly type?: string;
}

/** Bytes of an answer that are kept in memory at most: the list of all nodes may be long. */
const mostBytes = 256_000_000;
/** A server that checks a long workflow, or reads a large file, is silent for a while. */
const patience = { headMs: 600_000, bodyMs: 600_000 };

/** Asks for a JSON document. `body` is undefined when the answer is none. Throws Failed (network, refused, cancelled). */
export async function askJson(
  origin: string,
  question: Question,
  { signal }: Asking,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const chunks: Buffer[] = [];
  let [status, size] = [0, 0];
  const take = {
    head: (head: Head) => void (status = head.status),
    data(chunk: Buffer) {
      size += chunk.length;
      if (size > mostBytes)
        throw new Failed({ kind: 'refused', what: question.path, because: `its answer is over ${mostBytes} bytes` });
      chunks.push(chunk);
    },
  };
  await exchange(askOf(origin, question), take, { signal, patience });
  return { status, body: parsed(Buffer.concat(chunks).toString()) };
}

/** Writes an answer to the file `to` (absent). Throws Failed (network, disk, cancelled), and also on any status but 200. */
export async function askFile(
  origin: string,
  question: Question,
  { signal, to }: Asking & { readonly to: string },
): Promise<{ readonly size: number; readonly type: string | undefined }> {
  const ask = askOf(origin, question);
  const fd = openSync(to, 'wx');
  let size = 0;
  let type: string | undefined;
  const take = {
    head({ status, headers }: Head) {
      type = headers['content-type'];
      if (status === 200) return;
      const problem = `The server answered ${status}`;
      throw new Failed({ kind: 'network', url: ask.url.href, problem, transient: false, status });
    },
    data(chunk: Buffer) {
      writeAll(fd, chunk, size, to);
      size += chunk.length;
    },
  };
  try {
    await exchange(ask, take, { signal, patience });
  } finally {
    closeSync(fd);
  }
  return { size, type: type?.split(';', 1)[0] };
}

function askOf(origin: string, { path, query, body, type = 'application/json' }: Question): Ask {
  const url = new URL(path, origin);
  url.search = new URLSearchParams(query).toString();
  if (body === undefined) return { url, method: 'GET', headers: {}, credentials: {} };
  const sent = Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return { url, method: 'POST', headers: { 'content-type': type }, credentials: {}, body: sent };
}

/** Some answers are empty, and a page of errors is no document. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
