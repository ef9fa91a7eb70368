import { sha256Of } from '#cache';
import { expect, test } from 'vitest';

import { type CacheFault, startCacheServer } from '../../rig/cache-server.ts';
import { nameOfPacking } from '../../../cache/remote/record.ts';
import { keepLayout } from '../rig.ts';
import { answerWith, got, impatient, machine, made, sent, server } from './rig.ts';

/** Faults of whatever is read. */
const reading: Readonly<Record<string, CacheFault>> = {
  'that answers 500': { fault: 'status', status: 500 },
  'that answers 503': { fault: 'status', status: 503 },
  'that wants another login (401)': { fault: 'status', status: 401 },
  'that lets nobody in (403)': { fault: 'status', status: 403 },
  'that sends elsewhere, and says not where': { fault: 'status', status: 302 },
  'that is silent': { fault: 'silence' },
  'that resets connections': { fault: 'reset' },
  'that cuts its answers': { fault: 'truncate', after: 5 },
  'that stalls': { fault: 'stall', after: 5 },
  'that sends nothing but zeros': { fault: 'lie', body: Buffer.alloc(100) },
  'that sends nothing': { fault: 'lie', body: Buffer.alloc(0) },
  'that sends a web page': { fault: 'lie', body: Buffer.from('<!DOCTYPE html><title>Sign in</title>') },
  'that sends JSON without an end': { fault: 'lie', body: Buffer.from('['.repeat(200_000)) },
  'that sends nested JSON': { fault: 'lie', body: Buffer.from(`${'['.repeat(5000)}${']'.repeat(5000)}`) },
  'that sends more than a record can be': { fault: 'lie', body: Buffer.alloc(3_000_000, '1') },
};

const isSilent = (name: string): boolean => /silent|stalls/.test(name);

test.for(Object.keys(reading))('a remote %s is a miss, said once', async (name) => {
  const remote = await server();
  const { answer, tree, blob } = await sent(remote.origin);
  remote.fault = () => reading[name];
  const b = machine(remote.origin, isSilent(name) ? { patience: impatient } : {});
  expect(await got(b, answer, tree)).toBe('nothing');
  expect([await b.bring(tree), await b.bring(blob)]).toEqual([false, false]);
  expect([await b.store.proves(tree), await b.store.proves(blob)]).toEqual([false, false]);
  for (let n = 0; n < 5; n++) expect(await b.lookup(sha256Of(`${n}`))).toBeUndefined();
  await b.settle();
  expect(b.warnings).toHaveLength(new Set(b.warnings).size);
  expect([1, 2, 3]).toContain(b.warnings.length);
  expect(b.infos).toEqual([]);
});

test.for(['cas', 'ac'])('where only what is below %s is damaged, nothing of it is used', async (room) => {
  for (const body of [Buffer.alloc(0), Buffer.from('x'), Buffer.alloc(1_000_000, 'x')]) {
    const remote = await server();
    const { answer, tree, blob } = await sent(remote.origin);
    remote.fault = ({ path }) => (path.startsWith(room) ? { fault: 'lie', body } : undefined);
    const b = machine(remote.origin);
    expect(await got(b, answer, tree, blob)).toBe(room === 'cas' ? 'record' : 'nothing');
    expect(await b.store.proves(tree)).toBe(false);
  }
});

test('objects that were swapped are refused, one for the other', async () => {
  const remote = await server();
  const { answer, tree, blob } = await sent(remote.origin);
  const paths = [...remote.objects.keys()].filter((path) => path.startsWith('cas/'));
  const [one, two] = paths.map((path) => remote.objects.get(path)!);
  remote.objects.set(paths[0]!, two!).set(paths[1]!, one!);
  const b = machine(remote.origin);
  expect(await got(b, answer, blob)).toBe('record');
  expect(await got(b, answer, tree)).toBe('record');
  expect([await b.store.proves(tree), await b.store.proves(blob)]).toEqual([false, false]);
  expect(b.warnings[0]).toContain('it sent other bytes than cas/');
});

test('a record that stands under another key is none', async () => {
  const remote = await server();
  const { answer } = await sent(remote.origin);
  const other = sha256Of('another question');
  remote.objects.set(`ac/${other}`, remote.objects.get(`ac/${answer.key}`)!);
  const b = machine(remote.origin);
  expect(await b.lookup(other)).toBeUndefined();
  expect(b.warnings).toEqual([expect.stringContaining('has a record that is damaged')]);
});

test('another tree than was asked for is refused, however true its bytes are', async () => {
  const remote = await server();
  const { a, answer, tree } = await sent(remote.origin);
  const other = await keepLayout(a.store, { evil: 'x' });
  a.offer(answerWith('other', other));
  await a.settle();
  // Anybody may say that this tree travels as those bytes, where nobody signs.
  const said = remote.objects.get(`ac/${nameOfPacking(other)}`)!.toString();
  remote.objects.set(`ac/${nameOfPacking(tree)}`, Buffer.from(said.replace(other, tree)));
  const b = machine(remote.origin);
  expect(await got(b, answer, tree)).toBe('record');
  expect([await b.store.proves(tree), await b.store.proves(other)]).toEqual([false, false]);
  expect(b.warnings).toEqual([expect.stringContaining('what it sent is another tree')]);
});

test('what was found damaged is put right by whoever makes it anew', async () => {
  const remote = await server();
  const { answer, tree, blob } = await sent(remote.origin);
  // Of the same size: nobody sees it from outside.
  for (const [path, bytes] of remote.objects)
    if (path.startsWith('cas/')) remote.objects.set(path, Buffer.alloc(bytes.length, 'x'));
  const b = machine(remote.origin);
  expect(await got(b, answer, tree)).toBe('record');
  expect(await got(b, answer, blob)).toBe('record');
  await made(b.store);
  b.offer(answer);
  await b.settle();
  expect(await got(machine(remote.origin), answer, tree, blob)).toBe('all');
});

test('what is there with another size is sent anew', async () => {
  const remote = await server();
  const { answer, blob } = await sent(remote.origin);
  remote.objects.set(`cas/${blob.slice(5)}`, Buffer.from('a wh'));
  await sent(remote.origin);
  expect(await got(machine(remote.origin), answer, blob)).toBe('all');
});

const writing: Readonly<Record<string, { readonly fault: CacheFault; readonly says: string }>> = {
  'that answers 500': { fault: { fault: 'status', status: 500 }, says: 'it answers 500' },
  'that is full (507)': { fault: { fault: 'status', status: 507 }, says: 'it answers 507' },
  'that takes nothing so large (413)': { fault: { fault: 'refuse', status: 413 }, says: 'it answers 413' },
  'that refuses writers (403)': { fault: { fault: 'refuse', status: 403 }, says: 'it answers 403' },
  'that knows no PUT (405)': { fault: { fault: 'status', status: 405 }, says: 'it answers 405' },
  'that has no such place (404)': { fault: { fault: 'status', status: 404 }, says: 'it answers 404' },
  'that is silent': { fault: { fault: 'silence' }, says: 'It is silent' },
  'that resets connections': { fault: { fault: 'reset' }, says: 'The connection was cut' },
};

test.for(Object.keys(writing))(
  'what is sent to a remote %s is told as not sent, and no record is left',
  async (name) => {
    const remote = await server();
    const { fault, says } = writing[name]!;
    remote.fault = ({ method }) => (method === 'PUT' ? fault : undefined);
    const { a, answer } = await sent(remote.origin, isSilent(name) ? { patience: impatient } : {});
    expect(a.warnings.join('\n')).toContain(says);
    expect(a.warnings.at(-1)).toMatch(/did not get 1 of the 1 results of this run: others make them anew$/);
    expect(a.warnings).toHaveLength(new Set(a.warnings).size);
    expect(remote.objects.has(`ac/${answer.key}`)).toBe(false);
  },
);

test.for(['cas', 'ac'])(
  'where only what is below %s cannot be written, no record of the answer is left',
  async (room) => {
    const remote = await server();
    remote.fault = ({ method, path }) =>
      method === 'PUT' && path.startsWith(room) ? { fault: 'status', status: 500 } : undefined;
    const { answer } = await sent(remote.origin);
    expect(remote.objects.has(`ac/${answer.key}`)).toBe(false);
  },
);

test('a remote that fails three times in a row is left alone', async () => {
  const remote = await server();
  remote.fault = () => ({ fault: 'status', status: 500 });
  const b = machine(remote.origin);
  for (let n = 0; n < 20; n++) expect(await b.lookup(sha256Of(`${n}`))).toBeUndefined();
  expect(remote.requests).toHaveLength(3);
  expect(b.warnings.at(-1)).toContain('is not read any more in this run: it answers 500');
});

test('one that fails now and then is not', async () => {
  const remote = await server();
  const { answer, tree, blob } = await sent(remote.origin);
  let n = 0;
  remote.fault = () => (n++ % 3 === 2 ? undefined : { fault: 'status', status: 500 });
  const b = machine(remote.origin);
  for (let asked = 0; asked < 30; asked++) await b.lookup(sha256Of(`${asked}`));
  remote.fault = () => undefined;
  expect(await got(b, answer, tree, blob)).toBe('all');
});

test('nobody listens there: said once, and the run goes on', async () => {
  const gone = await startCacheServer();
  await gone[Symbol.asyncDispose]();
  const { a } = await sent(gone.origin);
  expect(a.warnings[0]).toContain('The server refuses connections');
});

test('one that dies in the middle leaves what came, and is then left alone', async () => {
  const remote = await server();
  const { answer, tree, blob } = await sent(remote.origin);
  const b = machine(remote.origin);
  remote.fault = ({ path }) => (path.startsWith('cas/') ? { fault: 'die' } : undefined);
  expect(await b.lookup(answer.key)).toEqual(answer);
  expect(await b.bring(blob)).toBe(true);
  expect(await b.bring(tree)).toBe(false);
  expect(await b.store.proves(blob)).toBe(true);
});

test('the end of a run does not wait for ever: what is not sent by then is told', async () => {
  const remote = await server();
  remote.fault = ({ method }) => (method === 'PUT' ? { fault: 'silence' } : undefined);
  const a = machine(remote.origin, { waitMs: 20 });
  a.offer((await made(a.store)).answer);
  await a.settle();
  expect(a.infos).toEqual([expect.stringMatching(/^On the way to the remote cache at .*: 1 result$/)]);
  expect(a.warnings).toEqual([expect.stringContaining('did not get 1 of the 1 results of this run in time')]);
});

test('a run that is stopped waits for nothing, and blames nobody', async () => {
  const remote = await server();
  remote.fault = () => ({ fault: 'silence' });
  const stopper = new AbortController();
  const a = machine(remote.origin, { signal: stopper.signal });
  const looking = a.lookup(sha256Of('?'));
  a.offer((await made(a.store)).answer);
  stopper.abort();
  await a.settle();
  expect(await looking).toBeUndefined();
  expect(await a.bring((await made(a.store)).blob)).toBe(false);
  expect(a.warnings).toEqual([]);
});

test('one that trickles is too slow', async () => {
  const remote = await server();
  const { answer } = await sent(remote.origin);
  const slow = { silentMs: 1e9, graceMs: 0, leastBytesPerSecond: 1e12 };
  remote.fault = ({ path }) => (path.startsWith('ac/') ? { fault: 'stall', after: 10 } : undefined);
  const b = machine(remote.origin, { patience: slow });
  expect(await b.lookup(answer.key)).toBeUndefined();
  expect(b.warnings[0]).toContain('It is too slow');
});

test('a body whose length nobody says is not taken', async () => {
  const remote = await server();
  const { answer, tree, blob } = await sent(remote.origin);
  remote.fault = ({ path }) => (path.startsWith('cas/') ? { fault: 'no-length' } : undefined);
  const b = machine(remote.origin);
  expect(await got(b, answer, tree, blob)).toBe('record');
  expect(b.warnings[0]).toContain('does not say how large');
});
