import { S3mini } from 's3mini';

import type { Cargo, Carrier, Taker, Told } from '#cache';

import { type Arrived, type Journey, travel } from './travel.ts';

/** A bucket, and what opens it. `prefix` is before all names in it; without keys only what is public can be read. */
export interface Bucket {
  /** Where the service is: `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly keys?: { readonly id: string; readonly secret: string; readonly session?: string };
  /** Files beyond this many bytes are sent in parts of it. A service takes no request above 5 GiB, and no part below 5 MiB. */
  readonly partBytes?: number;
}

type Query = Readonly<Record<string, string>>;

/** How long an address that was signed is good, in seconds: a large file may take its time. */
const goodForSeconds = 3600;

/**
 * A bucket of S3, or of whoever speaks as it does. Addresses are signed, and then carried like any other: what is sent and what
 * comes is streamed.
 */
export function openS3Carrier(place: Bucket): Carrier {
  const { bucket, prefix, partBytes = 512 * 1024 * 1024 } = place;
  const go = openJourneys(place);
  return {
    place: [`s3://${bucket}`, prefix].filter(Boolean).join('/'),
    head: (path, signal) => go('HEAD', path, { signal }),
    get: (path, taker, signal) => go('GET', path, { taker, signal }),
    put: (path, cargo, signal) =>
      cargo.size > partBytes ? putInParts(path, { cargo, signal, partBytes, go }) : go('PUT', path, { cargo, signal }),
  };
}

interface How extends Pick<Journey, 'cargo' | 'part'> {
  readonly query?: Query;
  readonly taker?: Taker;
  readonly signal: AbortSignal;
}

function openJourneys(place: Bucket) {
  const address = openAddresses(place);
  return async (
    method: Journey['method'],
    path: string,
    { query = {}, taker, signal, ...sent }: How,
  ): Promise<Arrived> => travel({ url: await address(method, path, query), method, ...sent }, taker, signal);
}

function openAddresses({ endpoint, region, bucket, prefix, keys }: Bucket) {
  const base = `${endpoint.replace(/\/+$/, '')}/${bucket}`;
  const nameOf = (path: string): string => (prefix === '' ? path : `${prefix}/${path}`);
  if (keys === undefined)
    return async (_: string, path: string, query: Query): Promise<URL> =>
      new URL(`${base}/${nameOf(path)}?${new URLSearchParams(query).toString()}`);
  const { id, secret, session } = keys;
  const signer = new S3mini({ accessKeyId: id, secretAccessKey: secret, endpoint: base, region });
  const always: Query = session === undefined ? {} : { 'X-Amz-Security-Token': session };
  return async (method: Journey['method'], path: string, query: Query): Promise<URL> =>
    // It signs any method; only its types name two.
    new URL(await signer.getPresignedUrl(method as 'GET', nameOf(path), goodForSeconds, { ...query, ...always }));
}

type Go = ReturnType<typeof openJourneys>;

interface InParts {
  readonly cargo: Cargo;
  readonly signal: AbortSignal;
  readonly partBytes: number;
  readonly go: Go;
}

/** Sends a file part by part. It is there when the last request says so, and not before; what fails is taken back. */
async function putInParts(path: string, { cargo, signal, partBytes, go }: InParts): Promise<Told> {
  const begun = await answerOf((taker) => go('POST', path, { query: { uploads: '' }, taker, signal, cargo: nothing }));
  const [, uploadId] = /<UploadId>([^<]+)<\/UploadId>/.exec(begun.text) ?? [];
  if (uploadId === undefined) return begun.told;
  let told: Told | undefined;
  try {
    return (told = await sendParts(path, uploadId, { cargo, signal, partBytes, go }));
  } finally {
    // Parts that belong to nothing are kept, and paid for, until somebody removes them.
    if (told?.status !== 200)
      await go('DELETE', path, { query: { uploadId }, signal: AbortSignal.timeout(patienceMs) }).catch(() => undefined);
  }
}

const patienceMs = 5_000;

async function sendParts(path: string, uploadId: string, { cargo, signal, partBytes, go }: InParts): Promise<Told> {
  const tags: string[] = [];
  for (let start = 0; start < cargo.size; start += partBytes) {
    const part = [start, Math.min(start + partBytes, cargo.size)] as const;
    const query = { partNumber: String(tags.length + 1), uploadId };
    const { headers, ...told } = await go('PUT', path, { query, signal, cargo, part });
    if (told.status !== 200) return told;
    tags.push(headers['etag'] ?? '');
  }
  const list = tags.map((tag, n) => `<Part><PartNumber>${n + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join('');
  const text = Buffer.from(`<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`);
  const whole: Cargo = { size: text.length, open: () => [text] };
  const ended = await answerOf((taker) => go('POST', path, { query: { uploadId }, taker, signal, cargo: whole }));
  // Putting parts together takes long: the service says 200 first, and what became of it after that.
  return ended.text.includes('<Error>') ? { status: 500 } : ended.told;
}

const nothing: Cargo = { size: 0, open: () => [] };

/** The longest answer in words that is read, in bytes. */
const mostBytes = 64 * 1024;

async function answerOf(go: (taker: Taker) => Promise<Told>): Promise<{ readonly told: Told; readonly text: string }> {
  let text = '';
  const told = await go({
    head: () => {},
    data(chunk) {
      if (text.length < mostBytes) text += Buffer.from(chunk).toString('latin1');
    },
  });
  return { told, text };
}
