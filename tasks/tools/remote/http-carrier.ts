import type { Carrier } from '#cache';

import { travel } from './travel.ts';

/** What opens a server: a token, or a name and a password. */
export interface Login {
  readonly token?: string;
  readonly user?: string;
  readonly password?: string;
}

/** A server that keeps what is put: WebDAV of nginx, bazel-remote, and whatever else knows GET, HEAD and PUT. */
export function openHttpCarrier(base: URL, login: Login): Carrier {
  const root = base.href.replace(/\/+$/, '');
  const credentials = headersFor(login);
  const at = (path: string) => ({ url: new URL(`${root}/${path}`), credentials });
  return {
    place: base.host,
    head: (path, signal) => travel({ ...at(path), method: 'HEAD' }, undefined, signal),
    get: (path, taker, signal) => travel({ ...at(path), method: 'GET' }, taker, signal),
    put: (path, cargo, signal) => travel({ ...at(path), method: 'PUT', cargo }, undefined, signal),
  };
}

function headersFor({ token, user, password = '' }: Login): Readonly<Record<string, string>> {
  if (token !== undefined) return { authorization: `Bearer ${token.trim()}` };
  if (user === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
