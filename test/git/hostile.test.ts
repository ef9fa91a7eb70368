import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { git, makeRepository, type TestRepository } from '../rig/git-server.ts';
import { contentOf, failureOf, gitIn, serveTemporary, temporary } from './setup.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';

test.each([
  '',
  '-',
  '--upload-pack=touch hacked',
  '-oProxyCommand=touch hacked',
  'ext::sh -c "touch hacked"',
  'ext::touch%20hacked',
  'fd::17',
  'file://etc/x',
  'file:etc',
  'file:///a%00b',
  'file:///a%0Ab',
  'file:///a%2Fb',
  '/etc',
  './repo',
  '../repo',
  'repo',
  'C:\\repo',
  'git://example.org/a/b',
  'ftp://example.org/a/b',
  'ssh://-oProxyCommand=x/a/b',
  'ssh://me@-oProxyCommand=x/a/b',
  '-x@example.org:a/b',
  'git@-oProxyCommand=x:a/b',
  'git@example.org:-x',
  'https:///a/b',
  'https://example.org',
  'https://example.org/a\nb',
  'https://example.org/a b',
  'https://example.org/a\u0000b',
  'https://token@example.org/a/b',
  'https://me:secret@example.org/a/b',
  'demo://nodes/a',
])('repository %j is refused before git hears of it, and no secret is repeated', async (repo) => {
  const directory = temporary();
  const tool = gitIn(directory);
  const into = join(directory, 'out');
  const failures = await Promise.all([
    failureOf(tool.resolve({ repo })),
    failureOf(tool.checkout({ repo, commit, into })),
  ]);
  expect(failures.map(({ kind }) => kind)).toEqual(['refused', 'refused']);
  expect(JSON.stringify(failures)).not.toMatch(/secret|token@/);
  expect(readdirSync(directory)).toEqual([]);
});

test.each([
  'https://example.org/a/b',
  'http://127.0.0.1:80/a',
  'ssh://git@example.org/~me/b.git',
  'git@example.org:a/b.git',
  'https://[::1]/a',
])('repository %j is fine', async (repo) => {
  const directory = temporary();
  expect((await failureOf(gitIn(directory, { offline: true }).resolve({ repo }))).kind).toBe('offline');
});

test.each([
  '',
  '-',
  '--upload-pack=x',
  'a b',
  'a\nb',
  'a..b',
  '../../etc/passwd',
  'refs/heads/../../../x',
  'a//b',
  '/a',
  'a/',
  '.a',
  'a/.b',
  'a.lock',
  'a.lock/b',
  'a.',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[b]',
  'a\\b',
  '@',
  'a@{1}',
])('ref %j is refused', async (ref) => {
  const directory = temporary();
  const tool = gitIn(directory);
  const repo = 'https://example.org/a/b';
  expect(await failureOf(tool.resolve({ repo, ref }))).toMatchObject({ kind: 'refused' });
  expect(await failureOf(tool.checkout({ repo, commit, ref, into: join(directory, 'out') }))).toMatchObject({
    kind: 'refused',
  });
});

test.each([
  '',
  'main',
  commit.slice(0, 39),
  `${commit}0`,
  commit.toUpperCase(),
  `${commit}^{tree}`,
  `--${commit.slice(2)}`,
])('commit %j is refused', async (wrong) => {
  const directory = temporary();
  const checkout = gitIn(directory).checkout({
    repo: 'https://example.org/a/b',
    commit: wrong,
    into: join(directory, 'out'),
  });
  expect(await failureOf(checkout)).toMatchObject({ kind: 'refused' });
});

/** A commit of a tree as no honest git writes it. `entries` are mode, name and content (or the entries of a directory). */
type RawEntry = readonly [mode: string, name: string | Uint8Array, content: string | readonly RawEntry[]];

async function commitRaw(repository: TestRepository, entries: readonly RawEntry[]): Promise<string> {
  const cwd = repository.path;
  const write = async (content: RawEntry[2]): Promise<string> => {
    if (typeof content === 'string') return git(['hash-object', '-w', '--stdin'], { cwd, input: Buffer.from(content) });
    const lines: Uint8Array[] = [];
    for (const [mode, name, inner] of content)
      lines.push(
        Buffer.from(`${mode} `),
        Buffer.from(name as string),
        Buffer.from([0]),
        Buffer.from(await write(inner), 'hex'),
      );
    return git(['hash-object', '-w', '-t', 'tree', '--literally', '--stdin'], { cwd, input: Buffer.concat(lines) });
  };
  const input = Buffer.from(
    `tree ${await write(entries)}\nauthor A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000\n\nraw\n`,
  );
  const id = await git(['hash-object', '-w', '-t', 'commit', '--stdin'], { cwd, input });
  await git(['update-ref', 'refs/heads/main', id], { cwd });
  return id;
}

const file = (name: string | Uint8Array): RawEntry => ['100644', name, 'x'];

test.each<readonly [string, readonly RawEntry[], string]>([
  ['..', [file('..')], 'it is no name of a file'],
  ['.', [file('.')], 'it is no name of a file'],
  ['../ as a directory', [['40000', '..', [file('escaped')]]], 'it is no name of a file'],
  ['a path', [file('../escaped')], 'its name holds a separator'],
  ['an absolute path', [file('/tmp/escaped')], 'its name holds a separator'],
  ['a backslash', [file('..\\escaped')], 'its name holds a separator'],
  ['.git', [['40000', '.git', [file('config')]]], 'its name stands for `.git`'],
  ['.GIT', [['40000', '.GIT', [file('config')]]], 'its name stands for `.git`'],
  ['.git with dots and spaces', [file('.git . ')], 'its name stands for `.git`'],
  ['git~1', [file('Git~1')], 'its name stands for `.git`'],
  ['.git as a stream', [file('.git::$INDEX_ALLOCATION')], 'its name stands for `.git`'],
  ['.git with an ignorable character', [file('.g\u200cit')], 'its name stands for `.git`'],
  ['.git deeper down', [['40000', 'a', [['40000', '.git', [file('config')]]]]], 'its name stands for `.git`'],
  ['the same name twice', [file('a'), file('a')], 'the directory holds that name twice'],
  [
    'a file and a directory of one name',
    [file('a'), ['40000', 'a', [file('b')]]],
    'the directory holds that name twice',
  ],
  ['a name that is not UTF-8', [file(new Uint8Array([0x61, 0xff]))], 'its name is not UTF-8'],
  ['a device', [['20000', 'a', 'x']], 'mode 20000 is neither a file nor a directory'],
])('a commit with %s is refused, and nothing is written outside', async (_, entries, because) => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const raw = await commitRaw(repository, entries);
  const into = join(directory, 'outer/middle/out');
  const failure = await failureOf(gitIn(directory).checkout({ repo: server.url('demo'), commit: raw, into }));
  expect(failure).toMatchObject({ kind: 'refused', because });
  expect(
    Object.keys(contentOf(join(directory, 'outer'))).filter((path) => !path.startsWith('middle/out/.git')),
  ).toEqual(['middle', 'middle/out']);
});

test('a tree that contains itself a thousand times over is stopped', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  let entries: readonly RawEntry[] = [file('x')];
  for (let level = 0; level < 70; level++) entries = [['40000', 'd', entries]];
  const deep = await commitRaw(repository, entries);
  const repo = server.url('demo');
  expect(
    await failureOf(gitIn(directory).checkout({ repo, commit: deep, into: join(directory, 'deep') })),
  ).toMatchObject({
    kind: 'refused',
    because: 'it lies more than 64 directories deep',
  });
  // 20 names for one tree, five levels deep: 3.2 million files in a handful of objects.
  let tree = await git(['mktree'], {
    cwd: repository.path,
    input: Buffer.from(
      `100644 blob ${await git(['hash-object', '-w', '--stdin'], { cwd: repository.path, input: Buffer.from('x') })}\tx\n`,
    ),
  });
  for (let level = 0; level < 5; level++) {
    const lines = Array.from({ length: 20 }, (__, n) => `040000 tree ${tree}\td${String(n).padStart(2, '0')}\n`);
    tree = await git(['mktree'], { cwd: repository.path, input: Buffer.from(lines.join('')) });
  }
  const bomb = await git(['-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit-tree', '-m', 'bomb', tree], {
    cwd: repository.path,
  });
  await git(['update-ref', 'refs/heads/main', bomb], { cwd: repository.path });
  expect(
    await failureOf(gitIn(directory).checkout({ repo, commit: bomb, into: join(directory, 'bomb') })),
  ).toMatchObject({
    kind: 'refused',
    because: 'the commit holds more than 200000 files',
  });
});

test.each([['/etc/passwd'], ['../outside'], ['a/../../outside'], ['../../repositories']])(
  'a link to %s is refused',
  async (link) => {
    const { directory, repositories, server } = await serveTemporary();
    const repository = await makeRepository(repositories, 'demo');
    const hostile = await repository.commit({ 'a/b.txt': 'b', evil: { link } });
    const into = join(directory, 'out');
    expect(
      await failureOf(gitIn(directory).checkout({ repo: server.url('demo'), commit: hostile, into })),
    ).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('outside of the repository'),
    });
    expect(existsSync(join(into, 'evil'))).toBe(false);
  },
);
