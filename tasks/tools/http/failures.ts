import { Failed, type Failure } from '#engine';

import { redactUrl } from '../redact.ts';
import type { Head } from './exchange.ts';
import type { Service } from './source.ts';

type NetworkFailure = Extract<Failure, { kind: 'network' }>;

/** Codes of undici and of the operating system, in words. What is not transient will be the same in a minute. */
const problems: Readonly<Record<string, { readonly problem: string; readonly transient: boolean }>> = {
  ECONNREFUSED: { problem: 'The server refuses connections', transient: true },
  ECONNRESET: { problem: 'The connection was cut', transient: true },
  EPIPE: { problem: 'The connection was cut', transient: true },
  UND_ERR_SOCKET: { problem: 'The connection was cut', transient: true },
  ETIMEDOUT: { problem: 'The server cannot be reached in time', transient: true },
  EHOSTUNREACH: { problem: 'The server cannot be reached', transient: true },
  ENETUNREACH: { problem: 'The network cannot be reached', transient: true },
  EAI_AGAIN: { problem: 'The name of the server cannot be looked up now', transient: true },
  ENOTFOUND: { problem: 'There is no server of that name', transient: false },
  UND_ERR_CONNECT_TIMEOUT: { problem: 'The server cannot be reached in time', transient: true },
  UND_ERR_HEADERS_TIMEOUT: { problem: 'The server did not answer in time', transient: true },
  UND_ERR_BODY_TIMEOUT: { problem: 'The transfer stalled', transient: true },
  UND_ERR_INVALID_ARG: {
    problem: 'The request cannot be written (is there a line break in a token?)',
    transient: false,
  },
};

/** What undici reports, as a failure. Only its code is read: a message may quote what was sent. */
export function networkFailure(error: Error, url: URL): Failure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const known = problems[code];
  const base = { kind: 'network', url: redactUrl(url.href) } as const;
  if (known) return { ...base, ...known };
  if (/CERT|SIGNED|TLS|SSL|VERIFY/.test(code))
    return { ...base, problem: `The server cannot prove who it is (${code})`, transient: false };
  return { ...base, problem: `The exchange broke (${code})`, transient: true };
}

const tokens: Readonly<Record<Service, { readonly variable: string; readonly also: string }>> = {
  huggingFace: { variable: 'HF_TOKEN', also: "and accept the licence on the model's page" },
  civitai: { variable: 'CIVITAI_TOKEN', also: 'it is made in the account settings' },
  cloudStorage: { variable: 'CLOUDSDK_AUTH_ACCESS_TOKEN', also: 'or log in with `gcloud auth login`' },
};

/** What to do when a service does not hand a file out. Names the variable, never its value. */
function tokenHint(auth: Service | undefined, hasToken: boolean): string {
  if (auth === undefined)
    return 'the server wants a login; tokens are only sent to Hugging Face and Civitai (HF_TOKEN, CIVITAI_TOKEN)';
  const { variable, also } = tokens[auth];
  return hasToken
    ? `the token in ${variable} does not open this file: check what it may read, ${also}`
    : `set ${variable} to a token that may read this file; ${also}`;
}

/** A status that is not the one hoped for. */
export function statusFailure(
  { status, headers }: Head,
  url: URL,
  { auth, hasToken }: { readonly auth?: Service; readonly hasToken: boolean },
): Failed {
  const waitMs = retryAfterMs(headers['retry-after'], Date.now());
  const said = status === 404 || status === 410 ? `It is not there (${status})` : `The server answered ${status}`;
  return networkTrouble(url, said, {
    transient: status === 408 || status === 425 || status === 429 || status >= 500,
    status,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    ...(status === 401 || status === 403 ? { hint: tokenHint(auth, hasToken) } : {}),
  });
}

/** A web page where something else was to come; Civitai answers so to whoever has no token. */
export const webPage = (
  { url, auth, hasToken }: { readonly url: URL; readonly auth?: Service; readonly hasToken: boolean },
  wanted = 'the file',
): Failed =>
  networkTrouble(url, `A web page came instead of ${wanted}`, {
    transient: false,
    hint: auth === undefined ? 'open the address in a browser to see what it wants' : tokenHint(auth, hasToken),
  });

/** Whether an answer says that it is a web page. */
export const isWebPage = ({ headers }: Head): boolean => /^text\/html\b/i.test(headers['content-type'] ?? '');

/** A network failure in our own words. */
export const networkTrouble = (
  url: URL,
  problem: string,
  more: Omit<NetworkFailure, 'kind' | 'url' | 'problem'>,
): Failed => new Failed({ kind: 'network', url: redactUrl(url.href), problem, ...more });

/** `Retry-After` in milliseconds, from seconds or an HTTP date; `now` is milliseconds since 1970. */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
