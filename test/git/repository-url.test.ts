import { expect, test } from 'vitest';

import { compactRepositoryUrl, mirrorName } from '../../tasks/tools/git/repository-url.ts';

test.each([
  ['https://github.com/owner/repo', 'owner/repo'],
  ['https://github.com/owner/repo.git', 'owner/repo'],
  ['https://github.com/owner/repo/', 'owner/repo'],
  ['https://github.com/owner/repo.git/', 'owner/repo'],
  ['http://github.com/owner/repo', 'owner/repo'],
  ['https://GitHub.com/Owner/Repo', 'Owner/Repo'],
  ['https://www.github.com/owner/repo', 'owner/repo'],
  ['https://token@github.com/owner/repo', 'owner/repo'],
  ['https://user:pa:ss@github.com/owner/repo.git', 'owner/repo'],
  ['ssh://git@github.com/owner/repo.git', 'owner/repo'],
  ['ssh://git@github.com:22/owner/repo', 'owner/repo'],
  ['git@github.com:owner/repo.git', 'owner/repo'],
  ['git@github.com:owner/repo/', 'owner/repo'],
  ['git://github.com/owner/repo', 'owner/repo'],
  [' https://github.com/owner/re.po.git\n', 'owner/re.po'],
  // Not a repository of GitHub: the whole URL.
  ['https://github.com/owner', 'https://github.com/owner'],
  ['https://github.com/owner/repo/tree/main', 'https://github.com/owner/repo/tree/main'],
  ['https://notgithub.com/owner/repo.git', 'https://notgithub.com/owner/repo.git'],
  ['https://example.org/github.com/owner/repo', 'https://example.org/github.com/owner/repo'],
  ['https://user:secret@gitlab.com/group/sub/repo.git', 'https://gitlab.com/group/sub/repo.git'],
  ['git@gitlab.com:group/repo.git', 'gitlab.com:group/repo.git'],
  ['ssh://git@example.org:2222/~me/repo', 'ssh://example.org:2222/~me/repo'],
  ['/srv/git/repo.git', '/srv/git/repo.git'],
])('compactRepositoryUrl(%j) is %j', (url, compact) => {
  expect(compactRepositoryUrl(url)).toBe(compact);
});

test.each([
  ['https://Example.org/owner/Repo.git', 'https://example.org/owner/Repo'],
  ['https://example.org/owner/repo/', 'https://example.org/owner/repo.git/'],
])('%j and %j share a mirror', (one, other) => {
  expect(mirrorName(one, 'sha1')).toBe(mirrorName(other, 'sha1'));
});

test('mirrors have readable names, one for each repository and kind of hash', () => {
  const urls = [
    'https://example.org/owner/repo',
    'https://example.org/owner/Repo',
    'https://example.net/owner/repo',
    'http://example.org/owner/repo',
    'git@example.org:owner/repo',
    'https://example.org/../../etc',
    'https://example.org/',
    `https://example.org/${'x'.repeat(300)}/repo`,
  ];
  const names = [...urls.map((url) => mirrorName(url, 'sha1')), mirrorName(urls[0]!, 'sha256')];
  expect(new Set(names).size).toBe(names.length);
  expect(names[0]).toMatch(/^owner-repo-[0-9a-f]{12}\.git$/);
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_][\w.-]{0,80}-[0-9a-f]{12}\.git$/);
});
