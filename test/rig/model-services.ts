import { hash } from 'node:crypto';

import type { FileServer } from './file-server.ts';

/** A file of a repository as Hugging Face has it. `repository` has its kind before it: `datasets/org/name`. */
export interface HubFile {
  readonly repository: string;
  readonly path: string;
  readonly body: Buffer;
  readonly commit: string;
  /** What else than the commit names it. */
  readonly revision?: string;
  /** Whoever may read it; anybody, without. */
  readonly token?: string;
}

const sha256 = (body: Buffer): string => hash('sha256', body);

/** Serves a large file: the service answers with its hash and sends whoever asks on to `cdn`, which knows no tokens. */
export function serveLarge(hub: FileServer, cdn: FileServer, file: HubFile): void {
  const { repository, path, body, commit, revision = 'main', token } = file;
  const stored = cdn.serve(`/repos/${sha256(body)}`, body, { etag: '"multipart-7"' });
  const headers = {
    'x-repo-commit': commit,
    'x-linked-size': String(body.length),
    'x-linked-etag': `"${sha256(body)}"`,
    'x-xet-hash': sha256(Buffer.from('xet')),
    'accept-ranges': 'bytes',
  };
  const always = { fault: 'redirect', to: `${stored}?X-Amz-Signature=canary` } as const;
  const guarded = token === undefined ? {} : { authorization: `Bearer ${token}` };
  for (const at of [revision, commit])
    hub.serve(`/${repository}/resolve/${encodeURIComponent(at)}/${path}`, '', { headers, always, ...guarded });
}

/** Serves a small file: no hash that means its bytes, and a redirect within the service. */
export function serveSmall(hub: FileServer, file: HubFile): void {
  const { repository, path, body, commit, revision = 'main' } = file;
  const name = hash('sha1', `blob ${body.length}\0${body.toString('latin1')}`);
  const headers = { 'x-repo-commit': commit, 'x-linked-size': String(body.length), 'x-linked-etag': `"${name}"` };
  const cached = `/api/resolve-cache/models/${repository}/${commit}/${path}`;
  hub.serve(cached, body, { etag: `"${name}"`, headers, type: 'text/plain; charset=utf-8' });
  for (const at of [revision, commit])
    hub.serve(`/${repository}/resolve/${at}/${path}`, '', {
      headers,
      always: { fault: 'redirect', to: cached, status: 307 },
    });
}

/** A file of a model version as Civitai's API lists it. */
export const listedFile = (
  body: Buffer,
  more: { readonly type?: string; readonly format?: string; readonly fp?: string; readonly primary?: true } = {},
) => ({
  id: body.length,
  name: 'a.safetensors',
  type: more.type ?? 'Model',
  sizeKB: body.length / 1024,
  metadata: { format: more.format ?? 'SafeTensor', size: 'pruned', fp: more.fp ?? null },
  pickleScanResult: 'Success',
  hashes: { AutoV2: sha256(body).slice(0, 10).toUpperCase(), SHA256: sha256(body).toUpperCase(), CRC32: 'DAEE95B7' },
  ...(more.primary && { primary: true }),
});

/** Serves what the API says of a model version. */
export const serveModelVersion = (civitai: FileServer, id: number, files: readonly unknown[]): string =>
  civitai.serve(`/api/v1/model-versions/${id}`, JSON.stringify({ id, modelId: 7, name: 'v1', files }), {
    type: 'application/json; charset=utf-8',
  });
