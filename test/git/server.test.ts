import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

import { type GitRequest, git, makeRepository } from '../rig/git-server.ts';
import { failureOf, gitIn, onlyMirror, serveTemporary, temporary } from './setup.ts';

test('an old server that hands out only what refs name is asked for everything, once', async () => {
  const { directory, repositories, server } = await serveTemporary({ old: true });
  const repository = await makeRepository(repositories, 'demo');
  const first = await repository.commit({ 'a.txt': 'first\n' });
  const second = await repository.commit({ 'a.txt': 'second\n' });
  await repository.commit({ 'a.txt': 'third\n' });
  const tool = gitIn(directory);
  const repo = server.url('demo');
  await tool.checkout({ repo, commit: second, into: join(directory, 'a') });
  const asked = server.requests.length;
  await tool.checkout({ repo, commit: first, into: join(directory, 'b') });
  expect(server.requests).toHaveLength(asked);
  expect(readFileSync(join(directory, 'a/a.txt'), 'utf8')).toBe('second\n');
  expect(readFileSync(join(directory, 'b/a.txt'), 'utf8')).toBe('first\n');
});

test('an old server is asked for everything once for all the commits that are wanted together', async () => {
  const { directory, repositories, server } = await serveTemporary({ old: true });
  const repository = await makeRepository(repositories, 'demo');
  const commits = [await repository.commit({ 'a.txt': 'first\n' }), await repository.commit({ 'a.txt': 'second\n' })];
  await repository.commit({ 'a.txt': 'third\n' });
  const said: string[] = [];
  const tool = gitIn(directory, { onLine: (text) => void said.push(text) });
  const repo = server.url('demo');
  const into = (n: number): string => join(directory, `checkout-${n}`);
  await Promise.all(commits.map(async (commit, n) => tool.checkout({ repo, commit, into: into(n) })));
  expect(said.filter((text) => text.includes('fetching every branch'))).toHaveLength(1);
  expect(commits.map((_, n) => readFileSync(join(into(n), 'a.txt'), 'utf8'))).toEqual(['first\n', 'second\n']);
});

test.each([true, false])('a commit that does not exist is absent (old server: %s)', async (old) => {
  const { directory, repositories, server } = await serveTemporary({ old });
  const repository = await makeRepository(repositories, 'demo');
  await repository.commit({ 'a.txt': 'a\n' });
  const commit = 'f'.repeat(40);
  const repo = server.url('demo');
  expect(await failureOf(gitIn(directory).checkout({ repo, commit, into: join(directory, 'a') }))).toMatchObject({
    kind: 'absent',
    what: `Commit ${commit} in ${repo}`,
  });
});

test('the id of a tag or a file is no commit', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  await repository.commit({ 'a.txt': 'a\n' }, { tag: 'v1' });
  const tag = await git(['rev-parse', 'refs/tags/v1'], { cwd: repository.path });
  const failure = await failureOf(
    gitIn(directory).checkout({ repo: server.url('demo'), commit: tag, into: join(directory, 'a') }),
  );
  expect(failure).toMatchObject({ kind: 'absent', hint: 'the object with this id is a tag' });
});

test('a repository that is not there, and a server that is not there, are told apart', async () => {
  const { directory, server } = await serveTemporary();
  const repo = server.url('nowhere');
  expect(await failureOf(gitIn(directory).resolve({ repo }))).toMatchObject({
    kind: 'network',
    url: repo,
    transient: false,
  });
  await server.close();
  expect(await failureOf(gitIn(directory).resolve({ repo }))).toMatchObject({
    kind: 'network',
    url: repo,
    transient: true,
  });
  const checkout = gitIn(directory).checkout({ repo, commit: 'f'.repeat(40), into: join(directory, 'a') });
  expect(await failureOf(checkout)).toMatchObject({ kind: 'network', transient: true });
});

test.each([
  { status: 401, transient: false },
  { status: 403, transient: false },
  { status: 404, transient: false },
  { status: 429, transient: true },
  { status: 503, transient: true },
])('a server that answers $status: transient is $transient', async ({ status, transient }) => {
  const intercept = (_: GitRequest, response: ServerResponse) => {
    response.writeHead(status, { 'www-authenticate': 'Basic' }).end();
    return true;
  };
  const { directory, server } = await serveTemporary({ intercept });
  const failure = await failureOf(gitIn(directory).resolve({ repo: server.url('demo') }));
  expect(failure).toMatchObject({ kind: 'network', transient });
  expect('hint' in failure).toBe(!transient);
});

test('a local source stands for a URL: no network, and the URL is what is recorded', async () => {
  const directory = temporary();
  const repository = await makeRepository(directory, 'source');
  const commit = await repository.commit({ 'a.txt': 'a\n' });
  const tool = gitIn(directory, {
    offline: true,
    localSource: async (url) => (url === 'demo://nodes/a' ? repository.path : undefined),
  });
  const repo = 'demo://nodes/a';
  expect(await tool.resolve({ repo })).toEqual({ commit, ref: 'refs/heads/main' });
  const into = join(directory, 'out');
  await tool.checkout({ repo, commit, ref: 'refs/heads/main', into });
  expect(readFileSync(join(into, '.git/config'), 'utf8')).toContain('url = demo://nodes/a\n');
  expect(await failureOf(tool.resolve({ repo: 'demo://nodes/b' }))).toMatchObject({ kind: 'refused' });
});

test('a file:// URL is a local source by itself', async () => {
  const directory = temporary();
  const repository = await makeRepository(directory, 'my source');
  const commit = await repository.commit({ 'a.txt': 'a\n' });
  const repo = pathToFileURL(repository.path).href;
  const fetched: number[] = [];
  const tool = gitIn(directory, { offline: true, onFetched: (bytes) => fetched.push(bytes) });
  expect(await tool.resolve({ repo, ref: 'main' })).toEqual({ commit, ref: 'refs/heads/main' });
  await tool.checkout({ repo, commit, into: join(directory, 'out') });
  expect(await git(['config', 'remote.origin.url'], { cwd: join(directory, 'out') })).toBe(repo);
  expect(fetched).toEqual([]);
  const nowhere = pathToFileURL(join(directory, 'nowhere')).href;
  expect(await failureOf(tool.resolve({ repo: nowhere }))).toMatchObject({
    kind: 'network',
    url: nowhere,
    transient: false,
  });
});

test("the user's own insteadOf leads to the repository, the lock's URL is what is recorded", async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'owner/demo');
  const commit = await repository.commit({ 'a.txt': 'a\n' });
  writeFileSync(
    join(directory, '.gitconfig'),
    `[url "${server.url('')}"]\n\tinsteadOf = https://git.example.org/\n[core]\n\thooksPath = ${directory}/hooks\n`,
  );
  mkdirSync(join(directory, 'hooks'));
  writeFileSync(join(directory, 'hooks/reference-transaction'), `#!/bin/sh\ntouch ${directory}/hook-ran\n`, {
    mode: 0o755,
  });
  const repo = 'https://git.example.org/owner/demo.git';
  const into = join(directory, 'out');
  expect(await gitIn(directory).resolve({ repo })).toEqual({ commit, ref: 'refs/heads/main' });
  await gitIn(directory).checkout({ repo, commit, into });
  expect(await git(['config', 'remote.origin.url'], { cwd: into })).toBe(repo);
  expect(existsSync(join(directory, 'hook-ran'))).toBe(false);
  expect(statSync(onlyMirror(directory)).isDirectory()).toBe(true);
});

test("of the caller's environment only what git needs counts", async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const commit = await repository.commit({ 'a.txt': 'a\n' });
  writeFileSync(join(directory, 'settings'), `[url "${server.url('')}"]\n\tinsteadOf = https://git.example.org/\n`);
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    GIT_CONFIG_GLOBAL: join(directory, 'settings'),
    GIT_SSH_COMMAND: 'ssh -v',
    GIT_ASKPASS: '/bin/false',
    GIT_DIR: join(directory, 'nowhere'),
    GIT_INDEX_FILE: join(directory, 'index'),
    GIT_OBJECT_DIRECTORY: join(directory, 'objects'),
    GIT_ALLOW_PROTOCOL: 'ext',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.pager',
    GIT_CONFIG_VALUE_0: 'x',
    GIT_TRACE: join(directory, 'trace'),
    EDITOR: 'x',
    PAGER: 'x',
    PREFIX: 'x',
    SSH_ASKPASS: 'x',
    LC_ALL: 'de_DE.UTF-8',
  };
  const repo = 'https://git.example.org/demo';
  const tool = gitIn(directory, { environment });
  expect(await tool.resolve({ repo })).toEqual({ commit, ref: 'refs/heads/main' });
  await tool.checkout({ repo, commit, into: join(directory, 'out') });
  expect(readdirSync(directory).toSorted()).toEqual(['mirrors', 'out', 'repositories', 'settings']);
});

test('an insteadOf that leads to a program is not followed', async () => {
  const { directory } = await serveTemporary();
  const touched = join(directory, 'touched');
  writeFileSync(
    join(directory, '.gitconfig'),
    `[url "ext::touch ${touched} "]\n\tinsteadOf = https://git.example.org/\n`,
  );
  const repo = 'https://git.example.org/demo';
  expect(await failureOf(gitIn(directory).resolve({ repo }))).toMatchObject({
    kind: 'network',
    transient: false,
    problem: 'git is not allowed to use this kind of address',
  });
  expect(existsSync(touched)).toBe(false);
});

test('without git the failure says what to install', async () => {
  const directory = temporary();
  const failure = await failureOf(
    gitIn(directory, { environment: { PATH: directory } }).resolve({ repo: 'https://git.example.org/demo' }),
  );
  expect(failure).toEqual({ kind: 'absent', what: 'The command `git`', hint: 'install git 2.32 or later' });
});
