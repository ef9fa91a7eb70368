import { expect, test } from 'vitest';

import { git, makeRepository } from '../rig/git-server.ts';
import { failureOf, gitIn, serveTemporary, temporary } from './setup.ts';

/** A repository with names that are easily mistaken for each other. */
async function confusing() {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const commit = {
    main: await repository.commit({ 'a.txt': 'main' }),
    feature: await repository.commit({ 'a.txt': 'feature' }, { branch: 'feature/master' }),
    tagged: await repository.commit({ 'a.txt': 'tagged' }, { branch: 'release', tag: 'v1.0' }),
    release: await repository.commit({ 'a.txt': 'release' }, { branch: 'release' }),
    both: await repository.commit({ 'a.txt': 'both' }, { branch: 'both' }),
  };
  const refs = {
    'refs/tags/light': commit.main,
    'refs/tags/both': commit.main,
    'refs/heads/same': commit.main,
    'refs/tags/same': commit.main,
    'refs/pull/7/head': commit.feature,
    'refs/remotes/origin/HEAD': commit.feature,
  };
  for (const [ref, to] of Object.entries(refs)) await git(['update-ref', ref, to], { cwd: repository.path });
  return { tool: gitIn(directory), repo: server.url('demo'), commit, repository, server };
}

test('resolve() answers by exact name, tags peeled, in one call', async () => {
  const { tool, repo, commit, server } = await confusing();
  const table = [
    [undefined, commit.main, 'refs/heads/main'],
    ['HEAD', commit.main, 'refs/heads/main'],
    ['main', commit.main, 'refs/heads/main'],
    ['refs/heads/main', commit.main, 'refs/heads/main'],
    ['feature/master', commit.feature, 'refs/heads/feature/master'],
    ['v1.0', commit.tagged, 'refs/tags/v1.0'],
    ['refs/tags/v1.0', commit.tagged, 'refs/tags/v1.0'],
    ['light', commit.main, 'refs/tags/light'],
    ['same', commit.main, 'refs/heads/same'],
    ['refs/tags/both', commit.main, 'refs/tags/both'],
    ['refs/heads/both', commit.both, 'refs/heads/both'],
    ['refs/pull/7/head', commit.feature, 'refs/pull/7/head'],
  ] as const;
  const answers: unknown[] = [];
  for (const [ref] of table) answers.push(await tool.resolve({ repo, ...(ref !== undefined && { ref }) }));
  expect(answers).toEqual(table.map(([, wanted, name]) => ({ commit: wanted, ref: name })));
  expect(server.requests.filter(({ service }) => service === 'discovery')).toHaveLength(table.length);
});

test.each(['master', 'heads/main', 'origin/main', 'refs/heads/master', 'refs/pull/8/head', 'v1', 'MAIN'])(
  'resolve() finds no %s',
  async (ref) => {
    const { tool, repo } = await confusing();
    expect(await failureOf(tool.resolve({ repo, ref }))).toMatchObject({ kind: 'absent', what: `${ref} of ${repo}` });
  },
);

test('a name that is mistyped is answered with the nearest ones, at most ten', async () => {
  const { tool, repo, repository, commit } = await confusing();
  for (let n = 0; n < 20; n++)
    await git(['update-ref', `refs/heads/other-${n}`, commit.main], { cwd: repository.path });
  const failure = await failureOf(tool.resolve({ repo, ref: 'relase' }));
  expect(failure).toHaveProperty('hint', expect.stringMatching(/^branches and tags: release, /));
  expect('hint' in failure && failure.hint?.split(', ')).toHaveLength(10);
});

test('a name that is a branch and a tag is refused, with both commits', async () => {
  const { tool, repo, commit } = await confusing();
  const failure = await failureOf(tool.resolve({ repo, ref: 'both' }));
  expect(failure).toMatchObject({ kind: 'refused', hint: 'write refs/heads/both or refs/tags/both' });
  expect(failure).toHaveProperty('because', `it is a branch (at ${commit.both}) and a tag (at ${commit.main})`);
});

test('a full commit is its own answer, and nobody is asked', async () => {
  const tool = gitIn(temporary(), { offline: true });
  const commit = 'ABCDEF0123456789abcdef0123456789abcdef01';
  const answer = { commit: commit.toLowerCase(), ref: commit.toLowerCase() };
  expect(await tool.resolve({ repo: 'https://example.org/a/b', ref: commit })).toEqual(answer);
});

test('an empty repository has no HEAD', async () => {
  const { directory, repositories, server } = await serveTemporary();
  await makeRepository(repositories, 'empty');
  const repo = server.url('empty');
  expect(await failureOf(gitIn(directory).resolve({ repo }))).toEqual({ kind: 'absent', what: `HEAD of ${repo}` });
});

test('a HEAD that is no branch is answered as HEAD', async () => {
  const { tool, repo, repository, commit } = await confusing();
  await git(['update-ref', '--no-deref', 'HEAD', commit.tagged], { cwd: repository.path });
  expect(await tool.resolve({ repo })).toEqual({ commit: commit.tagged, ref: 'HEAD' });
});
