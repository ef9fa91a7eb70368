import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type Failure, toFailure } from '#engine';

import { openBucket } from '../../tasks/tools/gcs/bucket.ts';
import { findCredentials } from '../../tasks/tools/gcs/credentials.ts';
import { signedUrl } from '../../tasks/tools/gcs/sign.ts';
import { tokenFor } from '../../tasks/tools/gcs/token.ts';
import { type BucketServer, startBucketServer, tokenOfAccount, tokenOfMachine } from '../rig/bucket-server.ts';

const { signal } = new AbortController();

let directory: string;
let server: BucketServer;
let retried: Failure[];
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bucket-'));
  server = await startBucketServer();
  retried = [];
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

function write(name: string, content: unknown): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return path;
}

const withKey = (key: object = server.key) => ({
  STORAGE_EMULATOR_HOST: server.origin,
  GOOGLE_APPLICATION_CREDENTIALS: write('key.json', key),
});
const open = (environment: Readonly<Record<string, string>>) =>
  openBucket({
    bucket: 'pictures',
    environment,
    signal,
    onRetry: (_, failure) => retried.push(failure),
    wait: async () => {},
  });

const bytes = Buffer.alloc(300_000, 'picture');
const upload = (name = 'out/a b.png') => ({ name, path: write('made', bytes), size: bytes.length, type: 'image/png' });

it('an object is what the file is, written with a token that the key was good for', async () => {
  const stored = await open(withKey()).store(upload());
  expect(stored).toEqual({ url: `${server.origin}/pictures/out/a%20b.png`, gcs_path: 'gs://pictures/out/a b.png' });
  const object = server.objects.get('pictures/out/a b.png')!;
  expect(object.bytes.equals(bytes)).toBe(true);
  expect(object).toMatchObject({ type: 'image/png', authorization: `Bearer ${tokenOfAccount}` });
  expect(server.asked).toEqual([
    expect.objectContaining({
      iss: 'account@example.test',
      aud: `${server.origin}/token`,
      scope: 'https://www.googleapis.com/auth/devstorage.read_write',
    }),
  ]);
  const { iat, exp } = server.asked[0]!;
  expect(Number(exp) - Number(iat)).toBe(3600);
});

it('one token is asked for, however many objects are written', async () => {
  const bucket = open(withKey());
  await Promise.all(['a', 'b', 'c'].map(async (name) => bucket.store(upload(name))));
  expect(server.objects.size).toBe(3);
  expect(server.requests.filter((request) => request === 'POST /token')).toHaveLength(1);
});

it('what the network may give at a second attempt is asked for again, the whole file each time', async () => {
  server.next(
    { status: 503, body: {} },
    { status: 429, body: {} },
    { status: 200, body: { md5Hash: Buffer.from(hash('md5', 'other'), 'hex').toString('base64') } },
  );
  await open(withKey()).store(upload());
  expect(retried).toMatchObject([
    { status: 503 },
    { status: 429 },
    { problem: 'What was stored is not what was sent' },
  ]);
  expect(server.objects.get('pictures/out/a b.png')!.bytes.equals(bytes)).toBe(true);
});

it.each([
  [401, '--gcs-bucket', 'storage.objects.create'],
  [403, '--gcs-bucket', 'storage.objects.create'],
  [404, 'storage.objects.create', '--gcs-bucket'],
])('an upload that is answered %i is not tried again, and says what to do', async (status, not, hint) => {
  server.next({ status, body: { error: { message: 'in its own words' } } });
  const failure = await open(withKey())
    .store(upload())
    .then(() => undefined, toFailure);
  expect(failure).toMatchObject({
    kind: 'network',
    status,
    problem: expect.stringContaining('in its own words') as string,
  });
  expect(failure).toHaveProperty('hint', expect.stringContaining(hint));
  expect(failure).not.toHaveProperty('hint', expect.stringContaining(not));
  expect(retried).toEqual([]);
  expect(JSON.stringify(failure)).not.toContain(tokenOfAccount);
});

it('a key that the service does not know, or that is none, is a failure without the key in it', async () => {
  await using other = await startBucketServer();
  const foreign = await open(withKey({ ...server.key, private_key: other.key['private_key'] }))
    .store(upload())
    .catch(toFailure);
  expect(foreign).toMatchObject({ kind: 'network', problem: expect.stringContaining('Invalid JWT') as string });
  const broken = await open(withKey({ ...server.key, private_key: 'sesame' }))
    .store(upload())
    .catch(toFailure);
  expect(broken).toMatchObject({ kind: 'document' });
  expect(JSON.stringify([foreign, broken])).not.toMatch(/PRIVATE KEY|sesame/);
});

describe('credentials are found as Google finds them', () => {
  it('a token, then a key file, then nobody for an emulator, then the login of gcloud, then the machine', () => {
    const home = join(directory, 'home');
    const person = { type: 'authorized_user', client_id: 'i', client_secret: 's', refresh_token: 'r' };
    write('home/.config/gcloud/application_default_credentials.json', person);
    const named = withKey();
    const { STORAGE_EMULATOR_HOST: emulator, ...key } = named;
    expect(findCredentials({ ...named, CLOUDSDK_AUTH_ACCESS_TOKEN: 't\n' })).toEqual({ kind: 'token', token: 't' });
    expect(findCredentials({ ...key, HOME: home }).kind).toBe('account');
    expect(findCredentials({ HOME: home, STORAGE_EMULATOR_HOST: emulator }).kind).toBe('nobody');
    expect(findCredentials({ HOME: home }).kind).toBe('person');
    expect(findCredentials({ HOME: directory, CLOUDSDK_CONFIG: join(home, '.config/gcloud') }).kind).toBe('person');
    expect(findCredentials({ HOME: directory }).kind).toBe('machine');
  });

  it('a login of a person is exchanged for a token', async () => {
    const person = { type: 'authorized_user', client_id: 'i', client_secret: 's', refresh_token: 'r' };
    const credentials = findCredentials(withKey({ ...person, token_uri: `${server.origin}/token` }));
    expect(await tokenFor(credentials, { signal })).toBe(tokenOfAccount);
    expect(server.asked).toEqual([
      { grant_type: 'refresh_token', client_id: 'i', client_secret: 's', refresh_token: 'r' },
    ]);
  });

  it("a machine's metadata server is asked for its token", async () => {
    const credentials = findCredentials({ GCE_METADATA_HOST: new URL(server.origin).host });
    expect(await tokenFor(credentials, { signal })).toBe(tokenOfMachine);
  });

  it('where there are none at all, it says which to set', async () => {
    const nobody = new URL(server.origin).host;
    await server[Symbol.asyncDispose]();
    const failure = await tokenFor(findCredentials({ GCE_METADATA_HOST: nobody }), { signal }).catch(toFailure);
    expect(failure).toMatchObject({ hint: expect.stringContaining('GOOGLE_APPLICATION_CREDENTIALS') as string });
    server = await startBucketServer();
  });

  it.each([
    [{ type: 'external_account' }, 'external_account'],
    [[], 'neither'],
  ])('a file that holds no key is refused: %j', (content, said) => {
    const work = (): unknown => findCredentials(withKey(content));
    expect(work).toThrow(said);
  });

  it('a file that is not there is named', () => {
    expect(() => findCredentials({ GOOGLE_APPLICATION_CREDENTIALS: '/no/such/key.json' })).toThrow('/no/such/key.json');
  });
});

describe('a signed address', () => {
  it('names the object, the account and the time, and is signed by the key', async () => {
    const credentials = findCredentials(withKey());
    const at = new Date('2026-02-03T04:05:06.789Z');
    const url = new URL('https://bucket.test/pictures/out/a%20b.png');
    const signed = new URL(await signedUrl({ url, seconds: 60, now: at }, { credentials, token: undefined, signal }));
    expect(signed.origin + signed.pathname).toBe(url.href);
    const query = Object.fromEntries(signed.searchParams);
    expect(query).toMatchObject({
      'X-Goog-Algorithm': 'GOOG4-RSA-SHA256',
      'X-Goog-Credential': 'account@example.test/20260203/auto/storage/goog4_request',
      'X-Goog-Date': '20260203T040506Z',
      'X-Goog-Expires': '60',
      'X-Goog-SignedHeaders': 'host',
    });
    const unsigned = signed.search.slice(1).replace(/&X-Goog-Signature=.*/, '');
    const request = `GET\n/pictures/out/a%20b.png\n${unsigned}\nhost:bucket.test\n\nhost\nUNSIGNED-PAYLOAD`;
    const text = `GOOG4-RSA-SHA256\n20260203T040506Z\n20260203/auto/storage/goog4_request\n${hash('sha256', request)}`;
    expect(server.verify(text, Buffer.from(query['X-Goog-Signature']!, 'hex'))).toBe(true);
    expect(server.verify(`${text} `, Buffer.from(query['X-Goog-Signature']!, 'hex'))).toBe(false);
  });

  it('needs an account that can sign', async () => {
    const failure = await open({ STORAGE_EMULATOR_HOST: server.origin }).sign('a.png', 60).catch(toFailure);
    expect(failure).toMatchObject({ kind: 'refused', hint: expect.stringContaining('key file') as string });
  });
});
