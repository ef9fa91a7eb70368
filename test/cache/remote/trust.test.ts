import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { keysOf, publicKeysIn, signerOf } from '../../../cache/remote/keys.ts';
import { temporary } from '../rig.ts';
import { answerWith, got, keys, machine, made, sent, server } from './rig.ts';

const [main, fork, stranger] = [keys(), keys(), keys()];

test('what a trusted one signed is believed', async () => {
  const { origin, objects } = await server();
  const { answer, tree, blob } = await sent(origin, { signingKey: main.pem });
  expect(await got(machine(origin, { trustedKeys: main.hex }), answer, tree, blob)).toBe('all');
  expect(await got(machine(origin, { signingKey: main.pem }), answer, tree, blob)).toBe('all');
  expect(objects.has(`${main.hex}/ac/${answer.key}`)).toBe(true);
});

test('with keys an unsigned record is a miss, wherever it stands', async () => {
  const { origin, objects, requests } = await server();
  const { answer } = await sent(origin);
  const b = machine(origin, { trustedKeys: main.hex });
  expect(await b.lookup(answer.key)).toBeUndefined();
  expect(b.warnings).toEqual([]);
  objects.set(`${main.hex}/ac/${answer.key}`, objects.get(`ac/${answer.key}`)!);
  const c = machine(origin, { trustedKeys: main.hex });
  expect(await c.lookup(answer.key)).toBeUndefined();
  expect(c.warnings).toEqual([expect.stringContaining('not signed by the one it is kept for')]);
  expect(requests.at(-1)).toBe(`GET ${main.hex}/ac/${answer.key}`);
});

test('a record of somebody else is a miss, and is not even asked for', async () => {
  const { origin, requests } = await server();
  const { answer } = await sent(origin, { signingKey: stranger.pem });
  const before = requests.length;
  expect(await machine(origin, { trustedKeys: main.hex }).lookup(answer.key)).toBeUndefined();
  expect(requests.slice(before)).toEqual([`GET ${main.hex}/ac/${answer.key}`]);
});

test('a record of somebody else, copied to where a trusted one keeps his, is a miss', async () => {
  const { origin, objects } = await server();
  const { answer, tree } = await sent(origin, { signingKey: stranger.pem });
  for (const [path, bytes] of objects.entries().toArray()) objects.set(path.replace(stranger.hex, main.hex), bytes);
  const b = machine(origin, { trustedKeys: main.hex });
  expect([await b.lookup(answer.key), await b.bring(tree)]).toEqual([undefined, false]);
  expect(b.warnings).toEqual([expect.stringContaining('not signed by the one it is kept for')]);
});

test('a signed record under another key, or with one character changed, is a miss', async () => {
  const { origin, objects } = await server();
  const { answer } = await sent(origin, { signingKey: main.pem });
  const other = answerWith('another question', {});
  const record = objects.get(`${main.hex}/ac/${answer.key}`)!.toString();
  objects.set(`${main.hex}/ac/${other.key}`, Buffer.from(record));
  const lookup = async (key: string) => machine(origin, { trustedKeys: main.hex }).lookup(key);
  expect(await lookup(other.key)).toBeUndefined();
  for (const changed of [record.replace('fetch-node', 'fetch-mode'), record.replaceAll(answer.key, other.key)]) {
    objects.set(`${main.hex}/ac/${other.key}`, Buffer.from(changed));
    objects.set(`${main.hex}/ac/${answer.key}`, Buffer.from(changed));
    expect([await lookup(answer.key), await lookup(other.key)]).toEqual([undefined, undefined]);
  }
});

test('a fork fills its own prefix, reads that of main, and poisons nobody', async () => {
  const remote = await server();
  const { origin, objects, requests } = remote;
  const good = await sent(origin, { signingKey: main.pem });
  const before = requests.length;
  const pull = machine(origin, { signingKey: fork.pem, trustedKeys: main.hex });
  expect(await got(pull, good.answer, good.tree)).toBe('all');
  // First to answer a question that main has not asked yet, with what only the fork believes.
  const { blob } = await made(pull.store);
  const evil = answerWith('not asked yet', { file: blob });
  pull.offer(evil);
  await pull.settle();
  const puts = requests.slice(before).filter((line) => line.startsWith('PUT'));
  expect(puts).toEqual([`PUT ${fork.hex}/ac/${evil.key}`]);
  expect(await pull.lookup(evil.key)).toEqual(evil);
  expect(await machine(origin, { trustedKeys: main.hex }).lookup(evil.key)).toBeUndefined();
  expect(await machine(origin, { signingKey: main.pem }).lookup(evil.key)).toBeUndefined();
  // And where the server lets it write everywhere, it gains no more than a miss.
  for (const path of objects.keys()) objects.set(path, Buffer.from('poison'));
  expect(await got(machine(origin, { trustedKeys: main.hex }), good.answer, good.tree)).toBe('nothing');
});

test('of several who are trusted the first who has a good record is believed', async () => {
  const { origin, objects } = await server();
  await sent(origin, { signingKey: main.pem });
  const { answer, tree } = await sent(origin, { signingKey: fork.pem });
  const b = machine(origin, { trustedKeys: `${fork.hex} ${main.hex}` });
  expect(await got(b, answer, tree)).toBe('all');
  objects.set(`${fork.hex}/ac/${answer.key}`, Buffer.from('damaged'));
  expect(await machine(origin, { trustedKeys: `${fork.hex} ${main.hex}` }).lookup(answer.key)).toEqual(answer);
});

test('who trusts somebody and cannot sign writes nothing: nobody would believe it', async () => {
  const { origin, requests } = await server();
  const a = machine(origin, { trustedKeys: main.hex });
  a.offer((await made(a.store)).answer);
  await a.settle();
  expect(requests).toEqual([]);
});

test('keys are read as OpenSSL writes them', () => {
  const directory = temporary();
  const openssl = (...args: readonly string[]): string =>
    execFileSync('openssl', args, { cwd: directory, encoding: 'utf8' });
  openssl('genpkey', '-algorithm', 'ed25519', '-out', 'key.pem');
  const { by, sign } = signerOf(readFileSync(join(directory, 'key.pem'), 'utf8'));
  expect(publicKeysIn(openssl('pkey', '-in', 'key.pem', '-pubout'))).toEqual([by]);
  expect(sign('text')).toMatch(/^[\w+/]{86}==$/);
});

test('lists of keys hold hex and PEM, remarks and repetitions', () => {
  const text = `# who builds main\n${main.hex} # since May\n${fork.publicPem}${stranger.hex},${main.hex}\n`;
  expect(publicKeysIn(text).toSorted()).toEqual([main.hex, fork.hex, stranger.hex].toSorted());
  expect(keysOf({ signingKey: fork.pem, trustedKeys: main.hex }).authors).toEqual([main.hex, fork.hex]);
  expect(keysOf({}).authors).toEqual(['anybody']);
  expect(keysOf({ trustedKeys: ' # nobody yet\n' }).authors).toEqual([]);
});

test.for(['', 'x', 'trusted.pem', main.hex, main.publicPem])('%j is no key to sign with', (text) => {
  expect(() => signerOf(text)).toThrow(/^The signing key is/);
});

test.for(['x', main.hex.slice(1), main.hex.toUpperCase(), 'trusted.pem', main.pem])('%j is no list of keys', (text) => {
  expect(() => publicKeysIn(text)).toThrow(/^A trusted key is/);
});

test('what a failure says of a key is not the key', () => {
  const secret = 'MC4CAQAwBQYDK2VwBCIEIHVuYmVsaWV2YWJsZS1zZWNyZXQ';
  try {
    signerOf(`-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`);
    expect.unreachable();
  } catch (error) {
    expect(String((error as Error).stack)).not.toContain(secret);
  }
});
