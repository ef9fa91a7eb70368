import { expect, test } from 'vitest';

import { redactSecrets, redactUrl } from '../../tasks/tools/redact.ts';

test.each([
  ['https://user:password@example.org/a/b?token=x#y', 'https://example.org/a/b'],
  ['https://p@ss:w@rd@example.org/a', 'https://example.org/a'],
  ['https://example.org/a/@scope/b', 'https://example.org/a/@scope/b'],
  ['https://example.org?token=x', 'https://example.org'],
  ['ssh://git@example.org:22/a', 'ssh://example.org:22/a'],
  ['HTTPS://token@Example.org/a', 'HTTPS://Example.org/a'],
  ['git@example.org:owner/repo.git', 'git@example.org:owner/repo.git'],
  [
    "fatal: unable to access 'https://me:s3cret@example.org/x.git/': see https://h.example/?a=b, again",
    "fatal: unable to access 'https://example.org/x.git/': see https://h.example/ again",
  ],
  ['no url: a@b?c=d', 'no url: a@b?c=d'],
])('redactUrl(%j) is %j', (text, redacted) => {
  expect(redactUrl(text)).toBe(redacted);
});

test('redactSecrets() hides every spelling of every secret, the longest first', () => {
  const secrets = ['hf_abcdef', 'hf_abcdef_longer', 'a b/c?', ''];
  expect(redactSecrets('x hf_abcdef_longer y hf_abcdef z a%20b%2Fc%3F a b/c?', secrets)).toBe('x *** y *** z *** ***');
});

test('redactSecrets() leaves what is too short to be a secret', () => {
  expect(redactSecrets('1 of 100 at no cost', ['1', 'no', ''])).toBe('1 of 100 at no cost');
});
