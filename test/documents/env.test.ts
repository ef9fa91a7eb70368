import { expect, test } from 'vitest';

import { expandEnv } from '../../pipelines/documents/env.ts';

const caller = { HF_TOKEN: 'hunter2', EMPTY: '', UNSET: undefined };

test.each([
  ['plain', { name: 'A', value: 'plain', from: 'document' }],
  ['', { name: 'A', value: '', from: 'document' }],
  ['$HF_TOKEN', { name: 'A', value: '$HF_TOKEN', from: 'document' }],
  ['${not a name}', { name: 'A', value: '${not a name}', from: 'document' }],
  ['${HF_TOKEN}', { name: 'A', value: 'hunter2', from: 'caller' }],
  ['x${HF_TOKEN}y${EMPTY}', { name: 'A', value: 'xhunter2y', from: 'caller' }],
])('expandEnv() makes %j %j', (text, variable) => {
  expect(expandEnv({ A: text }, caller)).toEqual({ variables: [variable], unset: [] });
});

test('expandEnv() leaves out what needs a variable that is not set', () => {
  expect(expandEnv({ A: '${UNSET}-${HF_TOKEN}', B: 'b', C: '${X}${Y}' }, caller)).toEqual({
    variables: [{ name: 'B', value: 'b', from: 'document' }],
    unset: [
      { name: 'A', needs: 'UNSET' },
      { name: 'C', needs: 'X' },
      { name: 'C', needs: 'Y' },
    ],
  });
});

test('expandEnv() expands once: what the caller gives is not read again', () => {
  expect(expandEnv({ A: '${B}' }, { B: '${C}', C: 'c' }).variables).toEqual([
    { name: 'A', value: '${C}', from: 'caller' },
  ]);
});
