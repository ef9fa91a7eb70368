import { type Ask, exchange, type Head, type Patience } from './exchange.ts';
import { networkTrouble } from './failures.ts';
import { follow } from './follow.ts';
import type { Claim, Located } from './source.ts';

type How = { readonly signal: AbortSignal; readonly patience: Patience };

/** The head of the answer to one request, which is not followed anywhere. */
export async function askHead(ask: Ask, how: How): Promise<Head> {
  let answered: Head | undefined;
  await exchange(ask, { head: (head) => void (answered = head), data: () => {} }, how);
  if (answered === undefined) throw networkTrouble(ask.url, 'The server sent no answer', { transient: true });
  return answered;
}

/** The size in bytes that a server says a file has, wherever it redirects to; undefined when it does not say. */
export async function sizeAt({ url, credentials }: Located & Claim, how: How): Promise<number | undefined> {
  let answered: Head | undefined;
  const headers = { 'user-agent': 'comfy-pipeline', 'accept-encoding': 'identity' };
  await follow(
    { url, credentials, method: 'HEAD', headers },
    { head: (head) => void (answered = head), data: () => {} },
    how,
  );
  const { 'content-length': length = '', 'content-type': type = '' } = answered?.headers ?? {};
  const isFile = answered?.status === 200 && !/^text\/html\b/i.test(type);
  return isFile && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}
