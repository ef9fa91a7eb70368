import { expect, test } from 'vitest';

import { didYouMean, nearest } from '../../pipelines/documents/nearest.ts';

const known = ['repo', 'ref', 'commit', 'custom_nodes', 'wan22-fast', 'version_id'];

test.each([
  ['commmit', 'commit'],
  ['comit', 'commit'],
  ['ocmmit', 'commit'],
  ['Repo', 'repo'],
  ['rpeo', 'repo'],
  ['custom-nodes', 'custom_nodes'],
  ['wan22', 'wan22-fast'],
  ['WAN22-fats', 'wan22-fast'],
  ['models', undefined],
  ['', undefined],
  ['x', undefined],
  ['x'.repeat(10_000), undefined],
])('nearest(%j) is %s', (word, expected) => {
  expect(nearest(word, known)).toBe(expected);
});

test('didYouMean() says nothing when no known word is near', () => {
  expect(didYouMean('comit', known)).toBe('; did you mean `commit`?');
  expect(didYouMean('zzz', known)).toBe('');
});
