import { createSign } from 'node:crypto';
import * as z from 'zod/mini';

import { ask } from './ask.ts';
import type { Credentials, ServiceAccount } from './credentials.ts';
import { Failed } from '#engine';

const scope = 'https://www.googleapis.com/auth/devstorage.read_write';
/** How long a token is asked for, in seconds: the most that is given. */
const lifetime = 3600;

const Token = z.looseObject({ access_token: z.string().check(z.minLength(1)) });

/** A token to write objects with; undefined where none is needed. Throws Failed (network, document, cancelled). */
export async function tokenFor(
  credentials: Credentials,
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  switch (credentials.kind) {
    case 'nobody':
      return undefined;
    case 'token':
      return credentials.token;
    case 'account': {
      const { account } = credentials;
      const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
      return exchanged(account.token_uri, { grant_type: grant, assertion: assertionOf(account) }, signal);
    }
    case 'person': {
      const { client_id, client_secret, refresh_token, token_uri } = credentials.person;
      return exchanged(token_uri, { grant_type: 'refresh_token', client_id, client_secret, refresh_token }, signal);
    }
    case 'machine': {
      const url = onMetadata(credentials.metadata, 'token');
      return readToken(await fromMetadata(url, signal), url);
    }
  }
}

/** The address of the machine's own account. */
export async function machineEmail(metadata: string, { signal }: { readonly signal: AbortSignal }): Promise<string> {
  const url = onMetadata(metadata, '');
  url.search = 'recursive=true';
  return z.looseObject({ email: z.string() }).parse(await fromMetadata(url, signal)).email;
}

/** Text signed with the key of a service account (RSA, SHA-256). Throws Failed (document) on a key that is none. */
export function signWith({ private_key: key, client_email: email }: ServiceAccount, text: string): Buffer {
  try {
    return createSign('RSA-SHA256').update(text).sign(key);
  } catch {
    throw new Failed({ kind: 'document', file: `the key of ${email}`, problem: 'private_key is no key' });
  }
}

function assertionOf(account: ServiceAccount): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: account.client_email, scope, aud: account.token_uri, iat: now, exp: now + lifetime };
  const parts = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const text = parts.join('.');
  return `${text}.${signWith(account, text).toString('base64url')}`;
}

async function exchanged(at: string, form: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string> {
  const url = new URL(at);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const hint = 'check the key that GOOGLE_APPLICATION_CREDENTIALS names, and the clock of this machine';
  const body = new URLSearchParams(form).toString();
  const hints = { 400: hint, 401: hint };
  return readToken(await ask({ url, method: 'POST', headers, body }, { signal, hints }), url);
}

async function fromMetadata(url: URL, signal: AbortSignal): Promise<unknown> {
  try {
    return await ask({ url, headers: { 'metadata-flavor': 'Google' } }, { signal });
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind !== 'network') throw error;
    const hint = 'set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account';
    throw new Failed({ ...error.failure, problem: 'No credentials were found, and this machine has none', hint });
  }
}

const onMetadata = (metadata: string, what: string): URL =>
  new URL(`/computeMetadata/v1/instance/service-accounts/default/${what}`, metadata);

function readToken(answer: unknown, url: URL): string {
  const token = Token.safeParse(answer);
  if (token.success) return token.data.access_token;
  throw new Failed({ kind: 'network', url: url.href, problem: 'It gave no token', transient: false });
}
