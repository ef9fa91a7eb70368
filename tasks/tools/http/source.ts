import { fileURLToPath, pathToFileURL } from 'node:url';

import { Failed } from '#engine';

import { redactUrl } from '../redact.ts';

/** Base URLs of the services that have a scheme of their own. */
export interface Endpoints {
  readonly huggingFace: string;
  readonly civitai: string;
  readonly cloudStorage?: string;
}

/** Where Google Cloud Storage is unless somebody runs one of their own. */
const usualBuckets = 'https://storage.googleapis.com';

/** A service that has a token. */
export type Service = keyof Endpoints;

/**
 * Where a source is: a `file:` or `http(s):` URL. `auth` is the service whose token belongs to that origin. `bucket` is the
 * source as the programs of Google Cloud read it, where they may know the way as well.
 */
export interface Located {
  readonly url: URL;
  readonly auth?: Service;
  readonly bucket?: string;
}

/** The tokens a person has. */
export type Tokens = { readonly [Name in Service]?: string | undefined };

/** What opens a source: headers for its origin alone, and whether its service's token is among them. */
export interface Claim {
  readonly credentials: Readonly<Record<string, string>>;
  readonly hasToken: boolean;
}

/** Where the bytes of `source` are, as the version or the lockfile names it. Throws Failed (refused) on what it cannot read. */
export function locate(source: string, endpoints: Endpoints): Located {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]+):\/\/(.*)$/is.exec(source) ?? [];
  switch (scheme?.toLowerCase()) {
    case undefined:
      return { url: pathToFileURL(source) };
    case 'file':
      return { url: parse(source) };
    case 'http':
    case 'https':
      return withAuth(parse(source), endpoints);
    case 'hf':
    case 'huggingface':
      return withAuth(onHuggingFace(source, rest, endpoints.huggingFace), endpoints);
    case 'civitai':
      return withAuth(onCivitai(source, rest, endpoints.civitai), endpoints);
    case 'gs':
      return onCloudStorage(source, rest, endpoints);
    default:
      throw refused(
        source,
        `nothing here reads ${scheme}://`,
        'use https://, hf://, civitai://, gs://, file:// or a path',
      );
  }
}

/** The path of a `file:` URL on this machine, and nothing for any other. */
export function localPath(url: URL): string | undefined {
  if (url.protocol !== 'file:') return undefined;
  try {
    return fileURLToPath(url);
  } catch {
    throw refused(
      url.href,
      'it names no file of this machine',
      'write it as file:///absolute/path, or as a plain path',
    );
  }
}

/** A place on the network with what opens it: a user name in the address, else the token of its service. */
export function withClaim({ url, auth, bucket }: Located, tokens: Tokens): Located & Claim {
  const bare = new URL(url);
  bare.username = bare.password = '';
  // A token read from a file often ends in a line break, which no header may hold.
  const token = auth === undefined ? undefined : tokens[auth]?.trim();
  const hasToken = token !== undefined && token !== '';
  const user = url.username === '' ? undefined : `${decode(url.username)}:${decode(url.password)}`;
  const basic = user === undefined ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
  const authorization = basic ?? (hasToken ? `Bearer ${token}` : undefined);
  return {
    url: bare,
    ...(auth === undefined ? {} : { auth }),
    ...(bucket === undefined ? {} : { bucket }),
    credentials: authorization === undefined ? {} : { authorization },
    hasToken,
  };
}

/** `[datasets/|spaces/]org/repo[@revision]/path[?rev=|?revision=]`; the revision in the path wins. */
function onHuggingFace(source: string, rest: string, endpoint: string): URL {
  const { path, query } = cut(rest);
  const [, kind = '', inKind = path] = /^(datasets\/|spaces\/)(.*)$/s.exec(path) ?? [];
  const [org = '', repoAt = '', ...file] = inKind.split('/');
  const at = repoAt.indexOf('@');
  const repo = at < 0 ? repoAt : repoAt.slice(0, at);
  const revision = at < 0 ? (query.get('rev') ?? query.get('revision') ?? 'main') : decode(repoAt.slice(at + 1));
  const parts = [org, repo, ...file].map(decode);
  if (file.length === 0 || ![...parts, ...revision.split('/')].every(isPlainSegment))
    throw refused(source, 'it names no file of a repository', 'write it as hf://organisation/repository@revision/path');
  const [first, second, ...below] = parts.map(encodeURIComponent);
  const repository = `${kind}${first}/${second}`;
  return parse([trimSlash(endpoint), repository, 'resolve', encodeURIComponent(revision), ...below].join('/'));
}

/** `models/<versionId>` or `api/download/models/<versionId>`, with or without a query. */
function onCivitai(source: string, rest: string, endpoint: string): URL {
  const { path, search } = cut(rest);
  const id = /^(?:api\/download\/)?models\/(\d+)\/?$/.exec(path)?.[1];
  if (id === undefined)
    throw refused(source, 'it names no model version', 'write it as civitai://models/<version id>, a number');
  return parse(`${trimSlash(endpoint)}/api/download/models/${id}${search}`);
}

/** `bucket/object`. What the programs would take for a pattern or a generation names no single file. */
function onCloudStorage(source: string, rest: string, endpoints: Endpoints): Located {
  const [bucket = '', ...object] = rest.split('/');
  const isBucket = /^[a-z0-9][a-z0-9._-]{1,221}$/.test(bucket);
  if (!isBucket || object.length === 0 || !object.every(isPlainSegment) || /[*?#[\]]/.test(rest))
    throw refused(source, 'it names no object of a bucket', 'write it as gs://bucket/path, without * ? # [ ]');
  const path = [bucket, ...object].map(encodeURIComponent).join('/');
  return {
    ...withAuth(parse(`${trimSlash(endpoints.cloudStorage ?? usualBuckets)}/${path}`), endpoints),
    bucket: `gs://${rest}`,
  };
}

function withAuth(url: URL, endpoints: Endpoints): Located {
  for (const service of ['huggingFace', 'civitai', 'cloudStorage'] as const)
    if (URL.parse(endpoints[service] ?? usualBuckets)?.origin === url.origin) return { url, auth: service };
  return { url };
}

function parse(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw refused(text, 'it is not an address');
  return url;
}

function cut(rest: string): { readonly path: string; readonly search: string; readonly query: URLSearchParams } {
  const mark = rest.indexOf('?');
  const search = mark < 0 ? '' : rest.slice(mark);
  return { path: mark < 0 ? rest : rest.slice(0, mark), search, query: new URLSearchParams(search) };
}

/** Sources are written by hand: `a b` and `a%20b` name the same file. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const isPlainSegment = (segment: string): boolean => !['', '.', '..'].includes(segment) && !/[\\/\0]/.test(segment);

const trimSlash = (endpoint: string): string => endpoint.replace(/\/+$/, '');

const refused = (source: string, because: string, hint?: string): Failed =>
  new Failed({ kind: 'refused', what: redactUrl(source), because, ...(hint === undefined ? {} : { hint }) });
