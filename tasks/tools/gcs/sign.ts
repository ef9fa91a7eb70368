import { hash } from 'node:crypto';
import * as z from 'zod/mini';

import { Failed } from '#engine';

import { ask } from './ask.ts';
import type { Credentials } from './credentials.ts';
import { machineEmail, signWith } from './token.ts';

/** An object that may be read by whoever has its signed address. */
export interface Signing {
  readonly credentials: Credentials;
  /** Opens the service that signs for a machine's account, which has no key of its own. */
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

const algorithm = 'GOOG4-RSA-SHA256';

/** The address of an object (`url`), readable without a login for `seconds` from `now` on. Throws Failed (refused, network). */
export async function signedUrl(
  { url, seconds, now }: { readonly url: URL; readonly seconds: number; readonly now: Date },
  signing: Signing,
): Promise<string> {
  const signer = await signerFor(signing);
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/auto/storage/goog4_request`;
  const query = [
    ['X-Goog-Algorithm', algorithm],
    ['X-Goog-Credential', `${signer.email}/${scope}`],
    ['X-Goog-Date', time],
    ['X-Goog-Expires', String(seconds)],
    ['X-Goog-SignedHeaders', 'host'],
  ]
    .map(([name, value]) => `${name}=${encode(value!)}`)
    .join('&');
  const request = ['GET', url.pathname, query, `host:${url.host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const signature = await signer.sign([algorithm, time, scope, hash('sha256', request)].join('\n'));
  return `${url.origin}${url.pathname}?${query}&X-Goog-Signature=${signature.toString('hex')}`;
}

interface Signer {
  readonly email: string;
  readonly sign: (text: string) => Buffer | Promise<Buffer>;
}

const Signed = z.looseObject({ signedBlob: z.string() });

async function signerFor({ credentials, token, signal }: Signing): Promise<Signer> {
  if (credentials.kind === 'account') {
    const { account } = credentials;
    return { email: account.client_email, sign: (text) => signWith(account, text) };
  }
  if (credentials.kind !== 'machine' || token === undefined)
    throw new Failed({
      kind: 'refused',
      what: 'a signed URL',
      because: 'only a service account can sign',
      hint: 'set GOOGLE_APPLICATION_CREDENTIALS to the key file of one',
    });
  const email = await machineEmail(credentials.metadata, { signal });
  const url = new URL(`https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${email}:signBlob`);
  const [headers, bearer] = [{ 'content-type': 'application/json' }, { authorization: `Bearer ${token}` }];
  const hints = { 403: `give ${email} the role iam.serviceAccountTokenCreator on itself` };
  return {
    email,
    async sign(text) {
      const body = JSON.stringify({ payload: Buffer.from(text).toString('base64') });
      const answer = await ask({ url, method: 'POST', headers, credentials: bearer, body }, { signal, hints });
      return Buffer.from(Signed.parse(answer).signedBlob, 'base64');
    },
  };
}

/** As a signature wants it: everything but letters, digits and `-_.~` by its bytes. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.codePointAt(0)!.toString(16).toUpperCase()}`);
