import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { type GitRequest, makeRepository } from '../rig/git-server.ts';
import { contentOf, failureOf, gitIn, incoming, noise, onlyMirror, serveTemporary } from './setup.ts';

/** Changes the bytes of every pack in a mirror, and cuts them to `length`. */
function overwrite(mirror: string, change: (bytes: Buffer) => unknown, length?: number): void {
  const packs = join(mirror, 'objects/pack');
  for (const name of readdirSync(packs).filter((file) => file.endsWith('.pack'))) {
    const bytes = readFileSync(join(packs, name));
    change(bytes);
    // Packs are read-only: a new file takes the place.
    rmSync(join(packs, name));
    writeFileSync(join(packs, name), bytes.subarray(0, length));
  }
}

/** Ways in which a mirror is found broken. */
const damages: Readonly<Record<string, (mirror: string) => void>> = {
  'a flipped bit': (mirror) => overwrite(mirror, (bytes) => (bytes[bytes.length >> 1]! ^= 1)),
  'zeroes in the middle': (mirror) => overwrite(mirror, (bytes) => bytes.fill(0, 100, 200)),
  'an empty pack': (mirror) => overwrite(mirror, () => undefined, 0),
  'no packs': (mirror) => rmSync(join(mirror, 'objects/pack'), { recursive: true }),
  'no objects': (mirror) => rmSync(join(mirror, 'objects'), { recursive: true }),
  'no HEAD': (mirror) => rmSync(join(mirror, 'HEAD')),
  'an empty HEAD': (mirror) => writeFileSync(join(mirror, 'HEAD'), ''),
};

test.each(Object.keys(damages))('a mirror with %s is made again', async (name) => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const first = await repository.commit({ 'a.txt': noise(50_000) });
  const second = await repository.commit({ 'a.txt': `${noise(50_000)}!` });
  const repo = server.url('demo');
  const lines: string[] = [];
  const tool = gitIn(directory, { onLine: (line) => lines.push(line) });
  await tool.checkout({ repo, commit: first, into: join(directory, 'good') });

  damages[name]!(onlyMirror(directory));
  await tool.checkout({ repo, commit: first, into: join(directory, 'again') });
  expect(lines).toEqual([`the mirror of ${repo} is damaged: fetching it again`]);
  expect(contentOf(join(directory, 'again'))).toEqual(contentOf(join(directory, 'good')));

  // Nor does it stand in the way of a commit that is not in it.
  damages[name]!(onlyMirror(directory));
  await tool.checkout({ repo, commit: second, into: join(directory, 'other') });
  expect(readFileSync(join(directory, 'other/a.txt'), 'utf8')).toBe(`${noise(50_000)}!`);
});

test("locks that a killed git left in a mirror are in nobody's way", async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const first = await repository.commit({ 'a.txt': 'one' });
  const second = await repository.commit({ 'a.txt': 'two' });
  const repo = server.url('demo');
  await gitIn(directory).checkout({ repo, commit: first, into: join(directory, 'a') });
  const locks = [
    'shallow.lock',
    'packed-refs.lock',
    'config.lock',
    `refs/pins/${first}.lock`,
    `refs/pins/${second}.lock`,
  ];
  for (const lock of locks) writeFileSync(join(onlyMirror(directory), lock), '');
  const lines: string[] = [];
  const tool = gitIn(directory, { onLine: (line) => lines.push(line) });
  await tool.checkout({ repo, commit: first, into: join(directory, 'b') });
  await tool.checkout({ repo, commit: second, into: join(directory, 'c') });
  expect(lines).toEqual([]);
});

test('a damaged mirror is kept while nothing better can be had', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const commit = await repository.commit({ 'a.txt': 'a\n' });
  const repo = server.url('demo');
  await gitIn(directory).checkout({ repo, commit, into: join(directory, 'a') });
  rmSync(join(onlyMirror(directory), 'objects/pack'), { recursive: true });
  const offline = gitIn(directory, { offline: true });
  expect(await failureOf(offline.checkout({ repo, commit, into: join(directory, 'b') }))).toMatchObject({
    kind: 'offline',
  });
  expect(existsSync(onlyMirror(directory))).toBe(true);
});

test('a fetch that is stopped in the middle leaves nothing in the way of the next', async () => {
  const { promise: asked, resolve: hear } = Promise.withResolvers<void>();
  let silent = true;
  const intercept = ({ service }: GitRequest) => {
    if (!silent || service !== 'upload-pack') return false;
    hear();
    return true;
  };
  const { directory, repositories, server } = await serveTemporary({ intercept });
  const repository = await makeRepository(repositories, 'demo');
  const commit = await repository.commit({ 'a.txt': 'a\n' });
  const repo = server.url('demo');
  const stop = new AbortController();
  const stopped = failureOf(
    gitIn(directory, { signal: stop.signal }).checkout({ repo, commit, into: join(directory, 'a') }),
  );
  await asked;
  stop.abort();
  expect(await stopped).toEqual({ kind: 'cancelled' });
  expect(incoming(directory)).toEqual([]);
  silent = false;
  await gitIn(directory).checkout({ repo, commit, into: join(directory, 'b') });
  expect(readFileSync(join(directory, 'b/a.txt'), 'utf8')).toBe('a\n');
});

test('a process that is killed in the middle of a fetch leaves nothing in the way of the next', async () => {
  const { promise: asked, resolve: hear } = Promise.withResolvers<void>();
  let silent = true;
  const intercept = ({ service }: GitRequest) => {
    if (!silent || service !== 'upload-pack') return false;
    hear();
    return true;
  };
  const { directory, repositories, server } = await serveTemporary({ intercept });
  const repository = await makeRepository(repositories, 'demo');
  const commit = await repository.commit({ 'a.txt': 'a\n' });
  const repo = server.url('demo');
  const program = `
    import { openGit } from ${JSON.stringify(new URL('../../tasks/tools/git/git.ts', import.meta.url).href)};
    const [mirrors, repo, commit, into] = process.argv.slice(1);
    const signal = new AbortController().signal;
    await openGit({ mirrors, environment: { PATH: process.env.PATH, HOME: mirrors }, offline: false, signal }).checkout({ repo, commit, into });
  `;
  const args = [join(directory, 'mirrors'), repo, commit, join(directory, 'a')];
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, ...args], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  await asked;
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(incoming(directory)).toHaveLength(1);
  silent = false;
  await gitIn(directory).checkout({ repo, commit, into: join(directory, 'b') });
  expect(readFileSync(join(directory, 'b/a.txt'), 'utf8')).toBe('a\n');
});
