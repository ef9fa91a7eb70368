import { generateKeyPairSync } from 'node:crypto';
import { type Answer, type Digest, type Results, sha256Of, type Store } from '#cache';
import { onTestFinished } from 'vitest';

import { openRemote, type Remote, type RemoteNeeds } from '../../../cache/remote/remote.ts';
import { openHttpCarrier } from '../../../tasks/tools/remote/http-carrier.ts';
import { type CacheServer, startCacheServer } from '../../rig/cache-server.ts';
import { keepLayout, keepText, type TestStore, testStore } from '../rig.ts';

/** A machine that uses a remote: its own store, and what it was told. */
export interface Machine extends Remote {
  readonly store: TestStore;
  readonly warnings: string[];
  readonly infos: string[];
}

/** A server of this test. */
export async function server(): Promise<CacheServer> {
  const started = await startCacheServer();
  onTestFinished(() => started[Symbol.asyncDispose]());
  return started;
}

/** Little patience: for what is silent for ever. */
export const impatient = { silentMs: 100, graceMs: 1e9, leastBytesPerSecond: 0 };

/** A machine that nobody has used yet. However busy this one is, it waits. */
export function machine(origin: string, how: Partial<RemoteNeeds> = {}): Machine {
  const store = testStore();
  const [warnings, infos]: [string[], string[]] = [[], []];
  const remote = openRemote({
    carrier: openHttpCarrier(new URL(origin), {}),
    store,
    mode: 'read-write',
    secrets: [],
    tell: (level, text) => void (level === 'warning' ? warnings : infos).push(text),
    signal: new AbortController().signal,
    patience: { silentMs: 1e9, graceMs: 1e9, leastBytesPerSecond: 0 },
    waitMs: 60_000,
    ...how,
  });
  return { ...remote, store, warnings, infos };
}

/** An answer that names these. */
export const answerWith = (question: string, output: unknown, input: unknown = { question }): Answer => ({
  key: sha256Of(question),
  task: 'fetch-node',
  input,
  output,
  at: '2026-11-20T12:00:00.000Z',
  ms: 12,
});

/** What machine A makes in these tests: a tree, a file, and an answer that names both. */
export async function made(store: Store) {
  const tree = await keepLayout(store, {
    'bin/run': ['#!/bin/sh\n'],
    'lib/ü.py': 'x = 1\n',
    'bin/python': { to: '/usr/bin/python3' },
    empty: {},
  });
  const blob = await keepText(store, 'a wheel');
  return { tree, blob, answer: answerWith('made', { source: tree, files: [{ file: blob }] }) };
}

/** Machine A makes something and sends it. */
export async function sent(origin: string, how: Partial<RemoteNeeds> = {}) {
  const a = machine(origin, how);
  const what = await made(a.store);
  a.offer(what.answer);
  await a.settle();
  return { a, ...what };
}

/** What a machine gets of an answer: nothing, the record alone, or everything that it names as well. */
export async function got({ lookup, bring, store }: Machine, answer: Answer, ...digests: readonly Digest[]) {
  const found = await lookup(answer.key);
  if (found === undefined) return 'nothing';
  for (const digest of digests)
    if (!((await bring(digest)) && (await store.proves(digest, { rehash: true })))) return 'record';
  return 'all';
}

/** A key pair, as files hold it. */
export function keys() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const hex = publicKey.export({ format: 'der', type: 'spki' }).subarray(12).toString('hex');
  return { pem, hex, publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString() };
}

/** Results in memory, for what a layer does with them. */
export function results(...answers: readonly Answer[]): Results & { readonly known: Map<string, Answer> } {
  const known = new Map(answers.map((answer) => [answer.key, answer]));
  return { known, lookup: (key) => known.get(key), save: (answer) => void known.set(answer.key, answer) };
}
