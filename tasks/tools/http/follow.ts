import { redactUrl } from '../redact.ts';
import { type Ask, exchange, type Head, type Patience, type Taker } from './exchange.ts';
import { networkTrouble } from './failures.ts';

const mostHops = 10;
/** Nobody reads the page that comes with a redirect; a small one is let through so that its connection can be used again. */
const mostRedirectBytes = 64 * 1024;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Whether an answer sends whoever asked elsewhere. */
export const isRedirect = ({ status }: Head): boolean => redirects.has(status);

/**
 * One request and its answer, through at most 10 redirects. `taker` sees the last answer only.
 * Credentials are dropped at the first change of origin and do not come back.
 */
export async function follow(
  first: Ask,
  taker: Taker,
  how: { readonly signal: AbortSignal; readonly patience: Patience },
): Promise<void> {
  let ask = first;
  for (let hop = 0; hop <= mostHops; hop++) {
    let next: Ask | undefined;
    let dropped = 0;
    const here = ask;
    await exchange(
      here,
      {
        head(head) {
          if (!isRedirect(head)) return taker.head(head, here);
          next = nextAsk(here, head.status, head.headers['location']);
        },
        data(chunk) {
          if (next === undefined) return taker.data(chunk);
          dropped += chunk.length;
          if (dropped > mostRedirectBytes)
            throw networkTrouble(here.url, 'The redirect does not end', { transient: false });
        },
      },
      how,
    );
    if (next === undefined) return;
    ask = next;
  }
  throw networkTrouble(first.url, `More than ${mostHops} redirects`, { transient: false });
}

/** What to ask after a redirect. Throws Failed (network) where it leads nowhere, or out of HTTPS. */
export function nextAsk(ask: Ask, status: number, location: string | undefined): Ask {
  const url = location === undefined ? null : URL.parse(location, ask.url.href);
  if (url === null)
    throw networkTrouble(ask.url, `The server answered ${status} and no place to go to`, { transient: false });
  const downgraded = ask.url.protocol === 'https:' && url.protocol === 'http:';
  if (downgraded || !/^https?:$/.test(url.protocol))
    throw networkTrouble(ask.url, `It redirects to ${redactUrl(url.href)}, which is not followed`, {
      transient: false,
    });
  url.username = url.password = '';
  const { body, ...rest } = ask;
  const same = ask.method !== 'POST' || status === 307 || status === 308;
  return {
    ...rest,
    url,
    method: same ? ask.method : 'GET',
    credentials: url.origin === ask.url.origin ? ask.credentials : {},
    ...(same && body !== undefined ? { body } : {}),
  };
}
