import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { type Answer, listAnswers, openResults, type Results, sha256Of } from '#cache';
import { describe, expect, onTestFinished, test } from 'vitest';

import { startChild, temporary } from './rig.ts';
import { freePort } from '../rig/free-port.ts';

const installed = spawnSync('redis-server', ['--version']).status === 0 && hasClient();

function hasClient(): boolean {
  try {
    return createRequire(import.meta.url).resolve('@redis/client') !== '';
  } catch {
    return false;
  }
}

/** A Redis of this test, ready to answer. Ended by its own pid. */
async function startRedis(...options: readonly string[]): Promise<{ url: string; process: ChildProcess }> {
  const port = await freePort();
  const fixed = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    temporary(),
  ];
  const server = spawn('redis-server', [...fixed, ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    server.kill('SIGCONT');
    if (server.kill('SIGKILL')) await once(server, 'exit');
  });
  for await (const line of createInterface(server.stdout)) if (line.includes('Ready to accept')) break;
  server.stdout.resume();
  return { url: `redis://127.0.0.1:${port}`, process: server };
}

function testResults(url: string): Results & { warnings: string[] } {
  const warnings: string[] = [];
  return { ...openResults({ url, warn: (text) => warnings.push(text) }), warnings };
}

const answerTo = (question: string): Answer => ({
  key: sha256Of(question),
  task: 'fetch-node',
  input: { question, tags: [':colon', null, 1.5] },
  output: { source: 'ü\n' },
  at: '2026-11-20T12:00:00.000Z',
  ms: 1234.5,
});
const answer = answerTo('one');

describe.skipIf(!installed)('with a real Redis (skipped where redis-server or @redis/client is not installed)', () => {
  test('what is saved is found, by this process and by others', async () => {
    const { url } = await startRedis();
    const results = testResults(url);
    expect(await results.lookup(answer.key)).toBeUndefined();
    await results.save(answer);
    expect(await results.lookup(answer.key)).toEqual(answer);
    expect(await testResults(url).lookup(answer.key)).toEqual(answer);
    expect(results.warnings).toEqual([]);
  });

  test('a thousand answers are asked for at a time', async () => {
    const results = testResults((await startRedis()).url);
    const answers = Array.from({ length: 1000 }, (_, index) => answerTo(`question ${index}`));
    await Promise.all(answers.map(async (one) => results.save(one)));
    expect(await Promise.all(answers.map(async ({ key }) => results.lookup(key)))).toEqual(answers);
    expect(results.warnings).toEqual([]);
  });

  test('every record is listed, and none that is not ours; a Redis that is gone throws', async () => {
    const { url, process: server } = await startRedis();
    const results = testResults(url);
    const answers = Array.from({ length: 50 }, (_, index) => answerTo(`question ${index}`));
    await Promise.all(answers.map(async (one) => results.save(one)));
    await writeRaw(url, 'somebody-else', 'x');
    const listed = await listAnswers({ url });
    expect(new Set(listed.map((kept) => kept.answer?.key))).toEqual(new Set(answers.map(({ key }) => key)));
    expect(listed.filter(({ file }) => file !== undefined)).toEqual([]);
    server.kill('SIGKILL');
    await once(server, 'exit');
    await expect(listAnswers({ url })).rejects.toThrow(/ECONNREFUSED|no answer|closed|Socket/i);
  });

  test('a foreign text under our key is a miss, said once', async () => {
    const { url } = await startRedis();
    const results = testResults(url);
    await results.save(answer);
    await writeRaw(url, `comfy-pipeline:1:result:${answer.key}`, '{"key":');
    expect([await results.lookup(answer.key), await results.lookup(answer.key)]).toEqual([undefined, undefined]);
    expect(results.warnings).toEqual([expect.stringContaining('counts as missing')]);
    await results.save(answer);
    expect(await results.lookup(answer.key)).toEqual(answer);
  });

  test('a Redis that dies in the middle is said once, and everything after it is a miss', async () => {
    const { url, process: server } = await startRedis();
    const results = testResults(url);
    await results.save(answer);
    server.kill('SIGKILL');
    await once(server, 'exit');
    expect(await Promise.all([results.lookup(answer.key), results.lookup(answer.key)])).toEqual([undefined, undefined]);
    await results.save(answer);
    expect(results.warnings).toEqual([expect.stringContaining('goes on without')]);
  });

  test('a Redis that hangs is waited for once', async () => {
    const { url, process: server } = await startRedis();
    server.kill('SIGSTOP');
    const results = testResults(url);
    expect(await results.lookup(answer.key)).toBeUndefined();
    expect(results.warnings).toEqual([expect.stringContaining('no answer within')]);
    const later = Array.from({ length: 100 }, async () => results.lookup(answer.key));
    server.kill('SIGCONT'); // It could answer again, and is not asked.
    expect(new Set(await Promise.all(later))).toEqual(new Set([undefined]));
    expect(results.warnings).toHaveLength(1);
  });

  test('a Redis that refuses to write is said once, and fails nobody', async () => {
    const { url } = await startRedis('--maxmemory', '1', '--maxmemory-policy', 'noeviction');
    const results = testResults(url);
    await results.save(answer);
    await results.save(answer);
    expect(results.warnings).toEqual([expect.stringContaining('OOM')]);
  });

  test('a password that is wrong is said without the password', async () => {
    const { url } = await startRedis('--requirepass', 'right');
    const results = testResults(url.replace('//', '//ann:hunter2@'));
    expect(await results.lookup(answer.key)).toBeUndefined();
    expect(results.warnings.join()).toMatch(/127\.0\.0\.1:\d+: WRONGPASS/);
    expect(results.warnings.join()).not.toMatch(/ann|hunter2/);
    const right = testResults(url.replace('//', '//:right@'));
    await right.save(answer);
    expect([await right.lookup(answer.key), right.warnings]).toEqual([answer, []]);
  });

  test.each(['SIGCONT', 'SIGSTOP'] as const)(
    'a connection keeps no process alive (server after %s)',
    async (signal) => {
      const { url, process: server } = await startRedis();
      await testResults(url).save(answer);
      server.kill(signal);
      const child = startChild('asker.ts', { url, key: answer.key });
      expect(await child.next()).toBe(signal === 'SIGCONT' ? JSON.stringify(answer) : 'undefined');
      expect(await child.ended).toEqual([0, null]);
    },
  );
});

test.each(['redis://127.0.0.1:1', 'redis://localhost:1', 'http://127.0.0.1:1', 'nonsense'])(
  'without a Redis at %s everything is a miss, said once',
  async (url) => {
    const results = testResults(url);
    expect(await results.lookup(answer.key)).toBeUndefined();
    await results.save(answer);
    expect(results.warnings).toEqual([expect.stringMatching(/^This run goes on without some results of Redis.*: .+/)]);
  },
);

/** Writes a value as another client would. */
async function writeRaw(url: string, key: string, value: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`SET ${key} '${value}'\r\n`);
  expect(String(await once(socket, 'data'))).toBe('+OK\r\n');
  socket.destroy();
}
