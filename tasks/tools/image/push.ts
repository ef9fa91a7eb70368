import { createReadStream, readFileSync } from 'node:fs';

import type { Store } from '#cache';
import { Failed, type Image, type Written } from '#engine';

import { filesOf, type ImageFile } from './files.ts';
import { mediaTypes } from './media-types.ts';
import { openRegistry, type ImageRegistry } from './registry.ts';
import { parseReference, type Reference } from './reference.ts';

/** How many files are sent at once. */
const lanes = 3;

/** What sending takes. */
export interface PushSeams {
  readonly store: Store;
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string>>;
  readonly progress: (done: number, total: number) => void;
}

/**
 * Sends an image to a registry (OCI distribution): first the files it lacks, several at once, then the manifest. So whoever reads
 * the tag finds the image before or the image now. Throws Failed (network, usage, refused).
 */
export async function pushImage(image: Image, to: string, seams: PushSeams): Promise<Written> {
  const reference = parseReference(to);
  const { manifest, named } = filesOf(image, seams.store);
  const registry = await openRegistry(reference, seams);
  const waiting = [...named];
  const total = named.reduce((sum, { size }) => sum + size, manifest.size);
  const counts = { sent: 0, there: 0, bytes: 0 };
  let done = 0;
  const lane = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      if (await sendFile(file, reference, registry)) {
        counts.sent += 1;
        counts.bytes += file.size;
      } else counts.there += 1;
      seams.progress((done += file.size), total);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  await sendManifest(manifest, reference, registry);
  return { digest: `sha256:${manifest.sha256}`, ...counts };
}

/** Sends one file unless the registry has it. */
async function sendFile(
  { sha256, size, path }: ImageFile,
  { name }: Reference,
  registry: ImageRegistry,
): Promise<boolean> {
  const digest = `sha256:${sha256}`;
  const there = await registry.ask({ method: 'HEAD', path: `/v2/${name}/blobs/${digest}` }, [200, 404]);
  if (there.status === 200) return false;
  const begun = await registry.ask({ method: 'POST', path: `/v2/${name}/blobs/uploads/` }, [202]);
  const place = URL.parse(begun.headers['location'] ?? '', registry.origin);
  if (place === null) throw strange(registry, 'It does not say where to send a file');
  place.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(size) };
  await registry.ask({ method: 'PUT', url: place, headers, body: () => createReadStream(path) }, [201]);
  return true;
}

async function sendManifest(
  { sha256, path }: ImageFile,
  { name, tag }: Reference,
  registry: ImageRegistry,
): Promise<void> {
  const headers = { 'content-type': mediaTypes.manifest };
  const body = readFileSync(path);
  const taken = await registry.ask(
    { method: 'PUT', path: `/v2/${name}/manifests/${tag}`, headers, body: () => body },
    [201],
  );
  const digest = taken.headers['docker-content-digest'];
  if (digest !== undefined && digest !== `sha256:${sha256}`)
    throw new Failed({
      kind: 'integrity',
      what: `The manifest in ${registry.origin}`,
      expected: `sha256:${sha256}`,
      actual: digest,
    });
}

const strange = ({ origin }: ImageRegistry, problem: string): Failed =>
  new Failed({ kind: 'network', url: origin, problem, transient: false });
