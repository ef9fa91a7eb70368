import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { makeRepository } from '../rig/git-server.ts';
import { failureOf, gitIn, serveTemporary } from './setup.ts';

async function branched() {
  const { directory, repositories, server } = await serveTemporary();
  const repository = await makeRepository(repositories, 'demo');
  const first = await repository.commit({ 'a.txt': '1' });
  const second = await repository.commit({ 'a.txt': '2' });
  const third = await repository.commit({ 'a.txt': '3' });
  const other = await repository.commit({ 'a.txt': 'other' }, { branch: 'other' });
  return { directory, repo: server.url('demo'), server, first, second, third, other };
}

test('leads() tells whether a commit is in the history of another, and leaves nothing behind', async () => {
  const { directory, repo, first, second, third, other } = await branched();
  const tool = gitIn(directory);
  expect(await tool.leads({ repo, from: first, to: third })).toBe(true);
  expect(await tool.leads({ repo, from: second, to: third })).toBe(true);
  expect(await tool.leads({ repo, from: third, to: second })).toBe(false);
  expect(await tool.leads({ repo, from: other, to: third })).toBe(false);
  expect(await tool.leads({ repo, from: 'a'.repeat(40), to: third })).toBe(false);
  expect(readdirSync(join(directory, 'mirrors/incoming'))).toEqual([]);
});

test('leads() asks nobody about one and the same commit, and says what it needs without network', async () => {
  const { directory, repo, server, first, third } = await branched();
  const tool = gitIn(directory, { offline: true });
  expect(await tool.leads({ repo, from: third, to: third })).toBe(true);
  expect(await failureOf(tool.leads({ repo, from: first, to: third }))).toMatchObject({ kind: 'offline' });
  expect(server.requests).toEqual([]);
});

test('leads() takes nothing but full commits', async () => {
  const { directory, repo, first } = await branched();
  const asked = gitIn(directory).leads({ repo, from: '--upload-pack=evil', to: first });
  expect(await failureOf(asked)).toMatchObject({ kind: 'refused' });
});
