import { all, D, F, file, install, on, reads, says, theirs, type Row } from '../words.ts';

/** Places in `.disabled` that are taken. */
export const collisions: readonly Row[] = [
  {
    name: 'the same waits already: the copy goes',
    before: [
      install('comfyui-foo@1.0.0'),
      theirs(`${D}@1_0_0`, '1.0.0', { 'old.py': 'old', 'data/table.txt': '1', 'assets/a/deep.txt': 'x' }, '*'),
      (bench) => bench.write(`custom_nodes/${D}@1_0_0/.tracking`, bench.read(`custom_nodes/${F}/.tracking`)),
    ],
    run: 'install comfyui-foo@nightly',
    after: () => ({ [F]: on.nightly, [`${D}@1_0_0`]: '1.0.0' }),
  },
  {
    name: 'another content waits under that name: both stay, and it is said',
    before: [install('comfyui-foo@1.0.0'), theirs(`${D}@1_0_0`, '1.0.0', { 'other.py': 'x' })],
    run: 'install comfyui-foo@nightly',
    after: () => ({ [F]: on.nightly, [`${D}@1_0_0`]: '1.0.0', [`${D}@1_0_0~2`]: '1.0.0' }),
    more: all(says('is taken'), reads(`${D}@1_0_0/other.py`, 'x'), reads(`${D}@1_0_0~2/old.py`, 'old')),
  },
  {
    name: 'two are taken: ~3',
    before: [install('comfyui-foo@1.0.0'), file(`${D}@1_0_0/x`), file(`${D}@1_0_0~2/x`)],
    run: 'install comfyui-foo@nightly',
    after: () => ({ [F]: on.nightly, [`${D}@1_0_0`]: '?', [`${D}@1_0_0~2`]: '?', [`${D}@1_0_0~3`]: '1.0.0' }),
  },
  {
    name: 'what has ~2 in its name comes back',
    before: [theirs(`${D}@1_0_0~2`, '1.0.0')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0' }),
  },
];
