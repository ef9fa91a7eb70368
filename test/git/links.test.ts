import { expect, test } from 'vitest';

import { leadsOut } from '../../tasks/tools/git/links.ts';

test('leadsOut() follows links on the way', () => {
  const links = new Map(
    Object.entries({
      here: '.',
      up: 'here/..',
      'deep/down': 'er/est',
      'deep/fine': 'down/../../..',
      'deep/out': 'down/../../../..',
      'deep/loop': 'pool',
      'deep/pool': 'loop',
      through: 'deep/out/x',
      dangling: 'nowhere/../file',
      plain: 'deep//./file.txt',
      absolute: '/',
    }),
  );
  expect([...links.keys()].filter((path) => leadsOut(path, links))).toEqual(['up', 'deep/out', 'through', 'absolute']);
});
