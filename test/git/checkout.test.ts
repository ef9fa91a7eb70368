import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';

import { git, makeRepository } from '../rig/git-server.ts';
import { contentOf, gitIn, serveTemporary } from './setup.ts';

/** What git itself says in a checkout, as a user would ask it. */
const ask = (into: string, ...args: readonly string[]) => git(args, { cwd: into });

const files = {
  'README.md': '# Demo\n',
  'run.sh': { executable: '#!/bin/sh\n' },
  'deep/er/empty.py': '',
  'deep/er.txt': 'between the directory and its name with a suffix\n',
  'deep/link': { link: '../README.md' },
  'näme with spaces.txt': 'x\n',
  'picture.bin': new Uint8Array([0, 255, 10, 13, 0]),
};

test('a checkout is the commit, byte for byte, and git agrees', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  await repository.commit({ 'old.txt': 'old\n' });
  const commit = await repository.commit({ ...files, 'old.txt': null });
  const into = join(directory, 'out');
  const { tree } = await gitIn(directory).checkout({ repo: server.url('demo'), commit, into });

  expect(tree).toBe(await git(['rev-parse', `${commit}^{tree}`], { cwd: repository.path }));
  expect(await ask(into, 'rev-parse', 'HEAD')).toBe(commit);
  expect(await ask(into, 'status', '--porcelain')).toBe('');
  expect(await ask(into, 'fsck', '--strict', '--no-dangling')).toBe('');
  expect(await ask(into, 'config', 'remote.origin.url')).toBe(server.url('demo'));
  expect(await ask(into, 'rev-list', '--all', '--count')).toBe('1');
  expect(await ask(into, 'write-tree')).toBe(tree);
  expect(readdirSync(into).toSorted()).toEqual([
    '.git',
    'README.md',
    'deep',
    'näme with spaces.txt',
    'picture.bin',
    'run.sh',
  ]);
  expect(readFileSync(join(into, 'picture.bin'))).toEqual(Buffer.from(files['picture.bin']));
  expect(lstatSync(join(into, 'run.sh')).mode & 0o111).toBe(0o111);
  expect(lstatSync(join(into, 'README.md')).mode & 0o111).toBe(0);
  expect(contentOf(into)['deep/link']).toBe('-> ../README.md');
});

test('the same commit gives the same bytes, .git included, whatever the mirror holds and whoever looks', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const first = await repository.commit(files);
  const second = await repository.commit({ 'README.md': '# Demo, again\n'.repeat(1000), 'new.txt': 'new\n' });
  const ref = 'refs/heads/main';
  const checkout = async (world: string, commit: string, name: string) => {
    const into = join(directory, world, name);
    await gitIn(join(directory, world)).checkout({ repo: server.url('demo'), commit, ref, into });
    return contentOf(into);
  };
  const alone = await checkout('one', second, 'out');
  await checkout('two', first, 'before');
  // Another server packs otherwise.
  await git(['repack', '-adq', '--depth=50'], { cwd: repository.path });
  const after = await checkout('two', second, 'out');
  expect(after).toEqual(alone);
  expect(Object.keys(alone).filter((path) => path.startsWith('.git/'))).toEqual([
    '.git/HEAD',
    '.git/config',
    '.git/index',
    '.git/info',
    '.git/info/attributes',
    '.git/objects',
    '.git/objects/pack',
    expect.stringMatching(/^\.git\/objects\/pack\/pack-[0-9a-f]{40}\.idx$/),
    expect.stringMatching(/^\.git\/objects\/pack\/pack-[0-9a-f]{40}\.pack$/),
    '.git/refs',
    '.git/refs/heads',
    '.git/refs/heads/main',
    '.git/refs/remotes',
    '.git/refs/remotes/origin',
    '.git/refs/remotes/origin/main',
    '.git/shallow',
  ]);
});

test.each(['main', 'feature/x', 'we"ird/n\u00e4me;#'])(
  'a checkout of %s follows it: git pull --ff-only brings the next commit',
  async (branch) => {
    const { directory, repositories, server } = await serveTemporary();
    const repository = await makeRepository(repositories, 'demo');
    await repository.commit({ 'a.txt': 'first\n' }, { branch });
    const commit = await repository.commit({ 'a.txt': 'second\n' }, { branch });
    const into = join(directory, 'out');
    await gitIn(directory).checkout({ repo: server.url('demo'), commit, ref: `refs/heads/${branch}`, into });
    expect(await ask(into, 'status', '--short', '--branch')).toBe(`## ${branch}...origin/${branch}`);

    const next = await repository.commit({ 'a.txt': 'third\n', 'b.txt': 'new\n' }, { branch });
    await ask(into, 'pull', '--quiet', '--ff-only');
    expect(await ask(into, 'rev-parse', 'HEAD')).toBe(next);
    expect(await ask(into, 'status', '--porcelain')).toBe('');
    expect(readFileSync(join(into, 'a.txt'), 'utf8')).toBe('third\n');
  },
);

test('paths may be relative to the working directory', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const commit = await repository.commit(files);
  const into = relative(process.cwd(), join(directory, 'out'));
  await gitIn(relative(process.cwd(), directory)).checkout({ repo: server.url('demo'), commit, into });
  expect(readdirSync(directory).toSorted()).toEqual(['mirrors', 'out', 'repositories']);
  expect(await ask(join(directory, 'out'), 'status', '--porcelain')).toBe('');
});

test('without a branch HEAD is the commit itself, and a first commit is not shallow', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const commit = await repository.commit(files, { tag: 'v1' });
  const into = join(directory, 'out');
  await gitIn(directory).checkout({ repo: server.url('demo'), commit, ref: 'refs/tags/v1', into });
  expect(readFileSync(join(into, '.git/HEAD'), 'utf8')).toBe(`${commit}\n`);
  expect(await ask(into, 'rev-parse', '--is-shallow-repository')).toBe('false');
  expect(await ask(into, 'status', '--short', '--branch')).toBe('## HEAD (no branch)');
});

test('what a repository asks for at checkout does not change its bytes', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const wishes = {
    '.gitattributes': [
      '*.txt text eol=crlf',
      '*.unix text',
      '*.id ident export-subst',
      '*.big filter=lfs diff=lfs merge=lfs -text',
      '*.wide working-tree-encoding=UTF-16LE',
      'hidden export-ignore',
      '',
    ].join('\n'),
    'a.txt': 'one\ntwo\n',
    'b.unix': 'one\r\ntwo\r\n',
    'c.id': '$Id$ $Format:%H$\n',
    'd.big': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n',
    'e.wide': 'narrow\n',
    hidden: 'here\n',
  };
  const commit = await repository.commit(wishes);
  const into = join(directory, 'out');
  await gitIn(directory).checkout({ repo: server.url('demo'), commit, into });
  const { '.git': _, ...there } = Object.fromEntries(
    Object.entries(contentOf(into)).filter(([path]) => !path.startsWith('.git/')),
  );
  expect(there).toEqual(wishes);
  expect(await ask(into, 'status', '--porcelain')).toBe('');
});

test('a submodule is an empty directory, and said', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const submodule = '0123456789abcdef0123456789abcdef01234567';
  const commit = await repository.commit({ 'a.txt': 'a\n', 'vendor/lib': { submodule } });
  const into = join(directory, 'out');
  const lines: string[] = [];
  await gitIn(directory, { onLine: (line) => lines.push(line) }).checkout({ repo: server.url('demo'), commit, into });
  expect(readdirSync(join(into, 'vendor/lib'))).toEqual([]);
  expect(lines).toEqual([`submodule vendor/lib (${submodule}) is left empty`]);
  expect(await ask(into, 'status', '--porcelain')).toBe('');
});

test('a repository that counts with SHA-256 is checked out the same way', async () => {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'modern', { objectFormat: 'sha256' });
  await repository.commit({ 'old.txt': 'old\n' });
  const commit = await repository.commit(files);
  const into = join(directory, 'out');
  const { tree } = await gitIn(directory).checkout({ repo: server.url('modern'), commit, into });
  expect(commit).toHaveLength(64);
  expect(await ask(into, 'rev-parse', 'HEAD', 'HEAD^{tree}')).toBe(`${commit}\n${tree}`);
  expect(await ask(into, 'status', '--porcelain')).toBe('');
});
