import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { thisProcess } from '../../cache/owner.ts';
import { nameFor } from '../../cache/temps.ts';
import { git, makeRepository } from '../rig/git-server.ts';
import { contentOf, failureOf, gitIn, incoming, noise, onlyMirror, serveTemporary } from './setup.ts';

test('a commit is asked for once, and two commits of one repository share one mirror', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const first = await repository.commit({ 'big.txt': noise(200_000), 'small.txt': 'one\n' });
  const second = await repository.commit({ 'small.txt': 'two\n' });
  const repo = server.url('demo');
  const fetched: number[] = [];
  const tool = gitIn(directory, { onFetched: (bytes) => fetched.push(bytes) });
  const bytes = () => fetched.splice(0).reduce((sum, some) => sum + some, 0);

  await tool.checkout({ repo, commit: first, into: join(directory, 'a') });
  expect(bytes()).toBeGreaterThan(100_000);
  const asked = server.requests.length;
  await tool.checkout({ repo: `${repo}.git/`, commit: first, into: join(directory, 'b') });
  expect(server.requests).toHaveLength(asked);
  expect(bytes()).toBe(0);

  await tool.checkout({ repo, commit: second, into: join(directory, 'c') });
  expect(server.requests.length).toBeGreaterThan(asked);
  expect(bytes()).toBeLessThan(2_000);
  expect(readFileSync(join(directory, 'c/small.txt'), 'utf8')).toBe('two\n');
  expect(await git(['for-each-ref', '--format=%(refname)'], { cwd: onlyMirror(directory) })).toBe(
    [first, second]
      .toSorted()
      .map((commit) => `refs/pins/${commit}`)
      .join('\n'),
  );
  expect(incoming(directory)).toEqual([]);
});

test('offline, what is in the mirror is checked out, and the rest is named', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const commit = await repository.commit({ 'a.txt': 'a\n' });
  const later = await repository.commit({ 'a.txt': 'b\n' });
  const repo = server.url('demo');
  await gitIn(directory).checkout({ repo, commit, into: join(directory, 'a') });
  await server.close();
  const offline = gitIn(directory, { offline: true });
  await offline.checkout({ repo, commit, into: join(directory, 'b') });
  expect(contentOf(join(directory, 'b'))).toEqual(contentOf(join(directory, 'a')));
  expect(await failureOf(offline.checkout({ repo, commit: later, into: join(directory, 'c') }))).toEqual({
    kind: 'offline',
    missing: [`commit ${later} of ${repo}`],
  });
  expect(await failureOf(offline.resolve({ repo, ref: 'main' }))).toEqual({
    kind: 'offline',
    missing: [`main of ${repo}`],
  });
});

test('what a killed process left behind is deleted after a day, and not before', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const commit = await repository.commit({ 'a.txt': 'a\n' });
  const left = (name: string, hoursAgo: number) => {
    const path = join(directory, 'mirrors/incoming', name);
    mkdirSync(join(path, 'objects/pack'), { recursive: true });
    writeFileSync(join(path, 'objects/pack/tmp_pack_x'), 'half');
    const then = Date.now() / 1000 - hoursAgo * 3600;
    utimesSync(path, then, then);
  };
  left('old', 25);
  left('young', 23);
  await gitIn(directory).checkout({ repo: server.url('demo'), commit, into: join(directory, 'a') });
  expect(incoming(directory)).toEqual(['young']);
});

test('what a killed process left behind is deleted at once on its machine, also when all was fetched', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const commit = await repository.commit({ 'a.txt': 'a\n' });
  const checkout = { repo: server.url('demo'), commit };
  await gitIn(directory).checkout({ ...checkout, into: join(directory, 'a') });
  const { pid } = spawnSync('true');
  const left = join(directory, 'mirrors/incoming', nameFor({ ...thisProcess(), pid, start: '1' }));
  mkdirSync(join(left, 'objects/pack'), { recursive: true });
  const asked = server.requests.length;
  await gitIn(directory).checkout({ ...checkout, into: join(directory, 'b') });
  expect(server.requests).toHaveLength(asked);
  expect(incoming(directory)).toEqual([]);
});

test('many at once, of one commit and of several, all end well in one mirror', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const commits: string[] = [];
  for (const text of ['one', 'two', 'three'])
    commits.push(await repository.commit({ 'a.txt': text, 'b.txt': noise(9000) }));
  const repo = server.url('demo');
  const jobs = [...commits, ...commits].map((commit, job) => ({ commit, into: join(directory, `job-${job}`) }));
  await Promise.all(jobs.map((job) => gitIn(directory).checkout({ repo, ...job })));
  expect(jobs.map(({ into }) => readFileSync(join(into, 'a.txt'), 'utf8'))).toEqual([
    'one',
    'two',
    'three',
    'one',
    'two',
    'three',
  ]);
  expect(contentOf(jobs[0]!.into)).toEqual(contentOf(jobs[3]!.into));
  expect(await git(['fsck', '--connectivity-only'], { cwd: jobs[5]!.into })).toBe('');
  expect(readdirSync(join(onlyMirror(directory), 'refs/pins')).toSorted()).toEqual(commits.toSorted());
});

test('commits of one repository that are wanted at the same time come with one fetch', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const commits = [
    await repository.commit({ 'a.txt': 'one\n' }),
    await repository.commit({ 'a.txt': 'two\n' }),
    await repository.commit({ 'a.txt': 'three\n' }),
  ];
  const repo = server.url('demo');
  const one = gitIn(join(directory, 'other'));
  await one.checkout({ repo, commit: commits[0]!, into: join(directory, 'one') });
  const forOne = server.requests.splice(0);
  const tool = gitIn(directory);
  const into = (n: number): string => join(directory, `checkout-${n}`);
  await Promise.all(commits.map(async (commit, n) => tool.checkout({ repo, commit, into: into(n) })));
  expect(server.requests.map(({ service }) => service)).toEqual(forOne.map(({ service }) => service));
  expect(commits.map((_, n) => readFileSync(join(into(n), 'a.txt'), 'utf8'))).toEqual(['one\n', 'two\n', 'three\n']);
  server.requests.splice(0);
  await Promise.all(commits.map(async (commit, n) => tool.checkout({ repo, commit, into: into(n + 3) })));
  expect(server.requests).toEqual([]);
});

test('of commits that are wanted together, one that does not exist fails alone', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const commit = await repository.commit({ 'a.txt': 'one\n' });
  const repo = server.url('demo');
  const tool = gitIn(directory);
  const nowhere = tool.checkout({ repo, commit: 'd'.repeat(40), into: join(directory, 'b') });
  const [there, failure] = await Promise.all([
    tool.checkout({ repo, commit, into: join(directory, 'a') }),
    failureOf(nowhere),
  ]);
  expect(there.tree).toMatch(/^[0-9a-f]{40}$/);
  expect(failure).toMatchObject({ kind: 'absent' });
});
