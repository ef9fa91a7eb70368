import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { parseReference } from '../../tasks/tools/image/reference.ts';
import { temporary } from '../cache/rig.ts';
import { hasImageRegistry, startImageRegistry } from '../rig/image-registry.ts';
import { failureOf, room, smallImage } from './rig.ts';

const hasSkopeo = spawnSync('skopeo', ['--version']).status === 0;

describe.skipIf(!hasImageRegistry)('to a real registry (skipped where docker-registry is not installed)', () => {
  test('an image arrives, and what is there is not sent again', async () => {
    await using registry = await startImageRegistry();
    const here = room();
    const to = `${registry.host}/comfy/demo:1`;
    const first = await here.images.push(await smallImage(here), to);
    expect(first).toMatchObject({ sent: 2, there: 0 });
    expect(await here.images.push(await smallImage(here), to)).toEqual({ ...first, sent: 0, there: 2, bytes: 0 });
    const answer = await fetch(`http://${registry.host}/v2/comfy/demo/manifests/1`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    expect(answer.headers.get('docker-content-digest')).toBe(first.digest);
    const other = await here.images.push(await smallImage(here, 'print(2)\n'), to);
    expect(other).toMatchObject({ sent: 2, there: 0 });
  });

  test.skipIf(!hasSkopeo)('what was pushed is pulled by others (skipped where skopeo is not installed)', async () => {
    await using registry = await startImageRegistry();
    const here = room();
    await here.images.push(await smallImage(here), `${registry.host}/comfy/demo:1`);
    const into = join(temporary(), 'layout');
    execFileSync('skopeo', [
      'copy',
      '--quiet',
      '--src-tls-verify=false',
      `docker://${registry.host}/comfy/demo:1`,
      `oci:${into}:1`,
    ]);
    const { layers } = await room().images.base({ from: into, architecture: 'amd64' });
    expect(layers.map(({ diff }) => diff)).toEqual((await smallImage(here)).layers.map(({ diff }) => diff));
  });
});

/** A registry's front that wants a token, and keeps what it was asked with. */
async function openGuarded(login = 'me:secret') {
  const asked: (readonly [request: string, authorization: string | undefined])[] = [];
  const server = createServer((request, answer) => void reply(request, answer));
  const reply = async (request: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const { authorization } = request.headers;
    request.resume();
    if (!request.readableEnded) await once(request, 'end').catch(() => undefined);
    const [path = ''] = (request.url ?? '').split('?');
    asked.push([`${request.method} ${path}`, authorization]);
    if (path === '/token') {
      const isRight = authorization === `Basic ${Buffer.from(login).toString('base64')}`;
      answer.writeHead(isRight ? 200 : 401).end(isRight ? '{"token":"the-token"}' : '{}');
    } else if (authorization !== 'Bearer the-token') {
      const realm = `Bearer realm="http://${request.headers.host}/token",service="test"`;
      answer.writeHead(401, { 'www-authenticate': realm }).end();
    } else if (request.method === 'HEAD') answer.writeHead(404).end();
    else if (request.method === 'POST')
      answer.writeHead(202, { location: `http://${elsewhere.host}/upload?state=1` }).end();
    else answer.writeHead(201).end();
  };
  const elsewhere = { host: '', asked: [] as (string | undefined)[] };
  const storage = createServer((request, answer) => {
    elsewhere.asked.push(request.headers.authorization);
    request.resume().on('end', () => answer.writeHead(201).end());
  });
  for (const one of [server, storage]) {
    await once(one.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => (one.closeAllConnections(), void one.close()));
  }
  const hostOf = (one: typeof server): string => `127.0.0.1:${(one.address() as AddressInfo).port}`;
  elsewhere.host = hostOf(storage);
  return { host: hostOf(server), asked, elsewhere };
}

const configFor = (host: string, login: string): string => {
  const path = join(temporary(), 'config.json');
  writeFileSync(path, JSON.stringify({ auths: { [host]: { auth: Buffer.from(login).toString('base64') } } }));
  return path;
};

test('a registry that wants a token gets one for the login that docker login keeps; where files go, no login goes along', async () => {
  const { host, asked, elsewhere } = await openGuarded();
  const here = room({ REGISTRY_AUTH_FILE: configFor(host, 'me:secret') });
  expect(await here.images.push(await smallImage(here), `${host}/comfy/demo:1`)).toMatchObject({ sent: 2 });
  expect(asked.at(-1)).toEqual(['PUT /v2/comfy/demo/manifests/1', 'Bearer the-token']);
  expect(elsewhere.asked).toEqual([undefined, undefined]);
});

test.for([
  ['no login', undefined, /docker login/],
  ['a wrong one', 'me:wrong', /the login of me does not do/],
] as const)('%s is said, with what to do, and without the password', async ([, login, words]) => {
  const { host } = await openGuarded();
  const here = room(login === undefined ? {} : { REGISTRY_AUTH_FILE: configFor(host, login) });
  const failure = await failureOf(here.images.push(await smallImage(here), `${host}/comfy/demo:1`));
  expect(failure).toMatchObject({
    kind: 'network',
    transient: false,
    status: 401,
    hint: expect.stringMatching(words) as string,
  });
  expect(JSON.stringify(failure)).not.toMatch(/wrong|secret/);
});

test.for([
  ['registry.example.com/a/b:1.0', { origin: 'https://registry.example.com', name: 'a/b', tag: '1.0' }],
  ['registry.example.com/a', { origin: 'https://registry.example.com', name: 'a', tag: 'latest' }],
  ['localhost:5000/a:x', { origin: 'http://localhost:5000', name: 'a', tag: 'x' }],
  ['127.0.0.1:5000/a:x', { origin: 'http://127.0.0.1:5000', name: 'a', tag: 'x' }],
  ['registry.example.com:5000/a:x', { origin: 'https://registry.example.com:5000', name: 'a', tag: 'x' }],
] as const)('%s names an image in a registry', ([text, reference]) => {
  expect(parseReference(text)).toEqual(reference);
});

test.for([
  'demo',
  'demo:latest',
  'library/demo:1',
  'registry.example.com/A:1',
  'registry.example.com/a:',
  'registry.example.com/../a',
  'user@host.com/a',
  '',
])('%j names none', (text) => {
  expect(() => parseReference(text)).toThrow(/names no registry|no name of an image|no tag/);
});
