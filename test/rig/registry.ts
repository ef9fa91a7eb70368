import { Failed, type Failure, type Registry } from '#engine';

import { openHttp } from '../../tasks/tools/http/http.ts';
import { openRegistry } from '../../tasks/tools/registry.ts';
import { type FileServer, startFileServer } from './file-server.ts';

/** A registry on the loopback interface, and the tool that asks it. */
export interface RegistryRig extends AsyncDisposable {
  readonly server: FileServer;
  readonly registry: Registry;
}

/** Starts one that knows nothing yet. */
export async function startRegistry(): Promise<RegistryRig> {
  const server = await startFileServer();
  const http = openHttp({
    offline: false,
    signal: new AbortController().signal,
    tokens: {},
    endpoints: { huggingFace: 'https://hf.invalid', civitai: 'https://civitai.invalid' },
  });
  const registry = openRegistry({ http, baseUrl: `${server.origin}/` });
  return { server, registry, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A release as the registry describes it. */
export const release = (version: string, more: object = {}): object => ({
  id: `uuid-${version}`,
  node_id: 'comfyui-foo',
  version,
  downloadUrl: `https://cdn.example.org/foo/${version}/node.zip`,
  deprecated: false,
  status: 'NodeVersionStatusActive',
  dependencies: ['numpy'],
  ...more,
});

/** The failure that some work ends with. Throws when it ends well, or with a bug. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.then(
    (value) => new Error(`It answered ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof Failed) return error.failure;
  throw error;
}
