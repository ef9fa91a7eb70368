import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';

import { type Failure, withRetries } from '#engine';

import { digestOf } from '../http/digest-of.ts';
import { networkTrouble } from '../http/failures.ts';
import { ask } from './ask.ts';
import { findCredentials } from './credentials.ts';
import { signedUrl } from './sign.ts';
import { tokenFor } from './token.ts';

/** A file to become an object of a bucket. */
export interface Upload {
  /** The object's name, below nothing: `comfy/outputs/x.png`. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly type: string;
}

/** An object that was written: its address as a browser, and as Google's tools spell it. */
export interface Stored {
  readonly url: string;
  readonly gcs_path: string;
}

/** A bucket of Google Cloud Storage. */
export interface Bucket {
  /** Writes an object, trying again what the network may give at a second attempt. Throws Failed (network, document, cancelled). */
  store(upload: Upload): Promise<Stored>;
  /** The address of an object that needs no login for `seconds`. Throws Failed (refused, network). */
  sign(name: string, seconds: number): Promise<string>;
}

/** What a bucket is opened with. `environment` is the caller's own: it holds the credentials, and maybe an emulator. */
export interface BucketOptions {
  readonly bucket: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Told of every attempt that comes after a failed one. */
  readonly onRetry: (attempt: number, failure: Failure, waitMs: number) => void;
  /** How to let time pass before that. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Opens a bucket: one token is asked for, when it is first needed. */
export function openBucket({ bucket, environment, signal, onRetry, wait = pause }: BucketOptions): Bucket {
  const emulator = environment['STORAGE_EMULATOR_HOST'] || undefined;
  const origin = emulator === undefined ? 'https://storage.googleapis.com' : withScheme(emulator);
  const credentials = findCredentials(environment);
  let token: Promise<string | undefined> | undefined;
  const retrying = async <T>(work: () => Promise<T>): Promise<T> => withRetries(work, { signal, wait, onRetry });
  const tokenOnce = async (): Promise<string | undefined> =>
    (token ??= retrying(async () => tokenFor(credentials, { signal })));
  const urlOf = (name: string): URL =>
    new URL(`/${bucket}/${name.split('/').map(encodeURIComponent).join('/')}`, origin);
  return {
    async store(upload) {
      const bearer = await tokenOnce();
      const { digest: md5 } = await digestOf(upload.path, 'md5', { signal });
      const target = new URL(`/upload/storage/v1/b/${encodeURIComponent(bucket)}/o`, origin);
      target.search = new URLSearchParams({ uploadType: 'media', name: upload.name }).toString();
      await retrying(async () => assertSame(await send(target, upload, { bearer, signal, bucket }), md5, target));
      return { url: urlOf(upload.name).href, gcs_path: `gs://${bucket}/${upload.name}` };
    },
    async sign(name, seconds) {
      const signing = { credentials, token: await tokenOnce(), signal };
      return signedUrl({ url: urlOf(name), seconds, now: new Date() }, signing);
    },
  };
}

async function send(
  url: URL,
  { path, size, type }: Upload,
  { bearer, signal, bucket }: { bearer: string | undefined; signal: AbortSignal; bucket: string },
): Promise<unknown> {
  const permission = `the account needs the permission storage.objects.create on ${bucket}`;
  return ask(
    {
      url,
      method: 'POST',
      headers: { 'content-type': type, 'content-length': String(size) },
      credentials: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
      body: createReadStream(path),
    },
    { signal, hints: { 401: permission, 403: permission, 404: 'check the name of the bucket (--gcs-bucket)' } },
  );
}

/** What was stored must be what was sent, as far as the service says. */
function assertSame(answer: unknown, md5: string, url: URL): void {
  const { md5Hash: stored } = z.looseObject({ md5Hash: z.optional(z.string()) }).safeParse(answer).data ?? {};
  if (stored === undefined || Buffer.from(stored, 'base64').toString('hex') === md5) return;
  throw networkTrouble(url, 'What was stored is not what was sent', { transient: true });
}

const pause = async (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal });

const withScheme = (host: string): string => (host.includes('://') ? host : `http://${host}`);
