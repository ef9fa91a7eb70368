import { redactUrl } from '../redact.ts';
import type { Patience } from './exchange.ts';
import { isWebPage, networkTrouble, statusFailure, webPage } from './failures.ts';
import { follow } from './follow.ts';
import { mostJsonBytes, parseJson, tooLong } from './json.ts';
import type { Claim, Located } from './source.ts';

/** What a server answers to one request for JSON, at most 10 MB. Throws Failed (network, refused, cancelled). */
export async function fetchJson(
  source: Located & Claim,
  { method = 'GET', body }: { readonly method?: 'GET' | 'POST'; readonly body?: unknown },
  how: { readonly signal: AbortSignal; readonly patience: Patience },
): Promise<unknown> {
  const { url, credentials } = source;
  const what = redactUrl(url.href);
  const chunks: Buffer[] = [];
  let size = 0;
  const headers = { 'user-agent': 'comfy-pipeline', 'accept-encoding': 'identity', accept: 'application/json' };
  await follow(
    {
      url,
      method,
      credentials,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
    {
      head(head) {
        if (head.status < 200 || head.status > 299) throw statusFailure(head, url, source);
        // Elsewhere a page may be a proxy's, and gone in a minute.
        if (source.auth !== undefined && isWebPage(head)) throw webPage(source, 'JSON');
        if (Number(head.headers['content-length'] ?? 0) > mostJsonBytes) throw tooLong(what);
      },
      data(chunk) {
        size += chunk.length;
        if (size > mostJsonBytes) throw tooLong(what);
        chunks.push(chunk);
      },
    },
    how,
  );
  const answer = parseJson(Buffer.concat(chunks).toString(), what);
  // A body without a length that is cut looks complete: only its syntax tells.
  if (answer === undefined) throw networkTrouble(url, 'The answer is not JSON', { transient: true });
  return answer;
}
