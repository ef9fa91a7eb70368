import type { Carrier } from '#cache';

import { type Login, openHttpCarrier } from './http-carrier.ts';

/** Where a remote cache is, and what opens it: a server, or a bucket (`s3://bucket/prefix`) by the variables of AWS. */
export interface RemotePlace {
  readonly url: URL;
  readonly login: Login;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The carrier to and from a remote cache. What a bucket needs is only loaded for one. */
export async function openCarrier({ url, login, environment }: RemotePlace): Promise<Carrier> {
  if (url.protocol !== 's3:') return openHttpCarrier(url, login);
  const { openS3Carrier } = await import('./s3-carrier.ts');
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: session } = environment;
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1';
  return openS3Carrier({
    endpoint:
      environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL'] || `https://s3.${region}.amazonaws.com`,
    region,
    bucket: url.host,
    prefix: decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, ''),
    ...(id && secret && { keys: { id, secret, ...(session && { session }) } }),
  });
}
