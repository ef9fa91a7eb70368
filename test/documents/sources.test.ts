import { expect, test } from 'vitest';

import {
  anchored,
  identityOf,
  isExact,
  portable,
  repositoryOf,
  withoutSecrets,
} from '../../pipelines/documents/sources.ts';

test.each([
  ['./nodes/x', './nodes/x'],
  ['nodes/x', './nodes/x'],
  ['./a/./b//c/', './a/b/c'],
  ['a/../b', './b'],
  ['../x', '../x'],
  ['./../x', '../x'],
  ['/project/nodes/x', './nodes/x'],
  ['/project/..x', './..x'],
  ['/projects/x', 'file:///projects/x'],
  ['/data/a b', 'file:///data/a%20b'],
  ['file:///project/a%20b', './a b'],
  ['file:///data/x', 'file:///data/x'],
  ['file://server/x', 'file://server/x'],
  ['file:///a%2fb', 'file:///a%2fb'],
  ['https://host/a/../b', 'https://host/a/../b'],
  ['hf://o/r/x', 'hf://o/r/x'],
  ['~/x', '~/x'],
])('portable() spells %j %j', (text, spelled) => {
  expect(portable('/project', text)).toBe(spelled);
});

test.each([
  ['./nodes/x y', 'file:///project/nodes/x%20y'],
  ['../x', 'file:///x'],
  ['https://host/x', 'https://host/x'],
  ['git@host:x', 'git@host:x'],
])('anchored() makes %j %j', (source, url) => {
  expect(anchored('/project', source)).toBe(url);
});

const onHub = 'https://huggingface.co/o/r/resolve';

test.each([
  ['hf://o/r/a/x y.bin', `${onHub}/main/a/x%20y.bin`],
  ['hf://o/r/x.bin', 'huggingface://o/r/x.bin'],
  ['hf://o/r/x.bin', `${onHub}/main/x.bin?download=true`],
  ['hf://o/r@v1/x.bin', 'hf://o/r/x.bin?rev=v1'],
  ['hf://o/r@v1/x.bin?rev=v2', `${onHub}/v1/x.bin`],
  ['hf://o/r/x.bin?revision=a%2Fb', `${onHub}/a%2Fb/x.bin`],
  ['civitai://models/1', 'https://civitai.com/api/download/models/1'],
  [
    'civitai://api/download/models/1?type=Model&format=SafeTensor',
    'https://civitai.com/api/download/models/1?format=SafeTensor&type=Model',
  ],
  ['hf://datasets/o/r@v1/x.bin', 'https://huggingface.co/datasets/o/r/resolve/v1/x.bin'],
  ['hf://spaces/o/r/x.bin', 'https://huggingface.co/spaces/o/r/resolve/main/x.bin?download=true'],
  ['hf://o/r@refs%2Fpr%2F3/x.bin', `${onHub}/refs/pr/3/x.bin`],
  ['https://HOST/x', 'https://host/x'],
  ['./x', './x'],
])('identityOf() is the same for %s and %s', (one, other) => {
  expect(identityOf(one)).toBe(identityOf(other));
});

test.each([
  ['hf://o/r/x.bin', `${onHub}/v1/x.bin`],
  ['hf://o/r/x.bin', 'hf://o/other/x.bin'],
  ['hf://datasets/o/r/x.bin', 'hf://o/r/x.bin'],
  ['hf://datasets/o/r@v1/x.bin', 'hf://datasets/o/r/x.bin'],
  ['hf://o/r/x.bin', 'https://mirror.example/o/r/resolve/main/x.bin'],
  ['civitai://models/1', 'civitai://models/2'],
  ['civitai://models/1', 'civitai://models/1?format=PickleTensor'],
  ['https://host/x', 'https://host/x?v=2'],
])('identityOf() tells %s from %s', (one, other) => {
  expect(identityOf(one)).not.toBe(identityOf(other));
});

test.each([
  [`hf://o/r@${'a1'.repeat(20)}/x.bin`, true],
  [`hf://datasets/o/r@${'a1'.repeat(20)}/a/x.bin`, true],
  [`${onHub}/${'a1'.repeat(20)}/x.bin`, true],
  ['hf://o/r@main/x.bin', false],
  ['hf://o/r/x.bin', false],
  [`https://host/${'a1'.repeat(20)}/x.bin`, false],
])('isExact(%s) is %j', (source, exact) => {
  expect(isExact(source)).toBe(exact);
});

test.each([
  [
    'https://civitai.com/api/download/models/1?type=Model&token=hunter2',
    'https://civitai.com/api/download/models/1?type=Model',
  ],
  ['https://host/x?api_key=hunter2', 'https://host/x'],
  ['https://host/x?monkey=1&download=true', 'https://host/x?monkey=1&download=true'],
  ['./a?', './a?'],
])('withoutSecrets() makes %s %s', (source, kept) => {
  expect(withoutSecrets(source)).toBe(kept);
});

test.each([
  ['https://github.com/Kijai/X.git', 'kijai/x'],
  ['https://github.com/kijai/x/', 'kijai/x'],
  ['http://www.github.com/kijai/x', 'kijai/x'],
  ['git@github.com:kijai/x.git', 'kijai/x'],
  ['ssh://git@github.com/kijai/x', 'kijai/x'],
  ['https://git.example/A/x.git', 'https://git.example/A/x'],
  ['./nodes/x', './nodes/x'],
])('repositoryOf(%s) is %s', (source, repository) => {
  expect(repositoryOf(source)).toBe(repository);
});
