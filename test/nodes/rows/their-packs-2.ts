import { symlinkSync } from 'node:fs';

import { git } from '../../rig/git-server.ts';
import { layByHand, projectText } from '../rig.ts';
import { cloned, D, F, file, on, reads, says, theirs, type Row } from '../words.ts';

/** What other tools made. */
export const ofOthers2: readonly Row[] = [
  {
    name: 'a directory without markers is in the way in any case',
    before: [file('COMFYUI-FOO/__init__.py')],
    run: 'install comfyui-foo@1.0.0',
    after: () => '=',
    exitCode: 3,
  },
  {
    name: 'a file is in the way',
    before: [file(F)],
    run: 'install comfyui-foo@1.0.0',
    after: () => '=',
    exitCode: 3,
    more: reads(F, 'mine'),
  },
  {
    name: 'what waits does not come back over something else',
    before: [theirs(`${D}@1_0_0`, '1.0.0'), file(`${F}/x`)],
    run: 'install comfyui-foo@1.0.0',
    after: () => '=',
    exitCode: 3,
  },
  {
    name: 'two directories hold it: nothing is done',
    before: [theirs('one', '1.0.0'), theirs('two', '1.1.0')],
    run: 'install comfyui-foo@2.0.0',
    after: () => '=',
    exitCode: 3,
    more: says('custom_nodes/one and custom_nodes/two'),
  },
  {
    name: 'a .git without remote is no checkout',
    before: [
      (bench) => git(['init', '--quiet', bench.at('custom_nodes', F)], { cwd: bench.root }),
      file(`${F}/pyproject.toml`, projectText(F, '1.0.0')),
    ],
    run: 'install comfyui-foo@1.0.0',
    after: () => '=',
    exitCode: 3,
  },
  {
    name: 'a .git file is followed',
    before: [
      cloned('.main'),
      async (bench) =>
        git(['worktree', 'add', '--quiet', '--detach', bench.at('custom_nodes', F)], {
          cwd: bench.at('custom_nodes/.main'),
        }),
    ],
    run: 'install comfyui-foo@nightly',
    after: () => '=',
    more: says('Nothing to do'),
  },
  {
    name: 'a pack behind a symbolic link is not moved',
    before: [
      (bench) => layByHand(bench, '../elsewhere', on.foo.files('1.0.0')),
      (bench) => symlinkSync('../elsewhere', bench.at('custom_nodes', F)),
    ],
    run: 'install comfyui-foo@nightly',
    after: () => '=',
    exitCode: 3,
    more: says('symbolic link'),
  },
  {
    name: 'an update of what only waits says how to bring it back',
    before: [theirs(`${D}@1_0_0`, '1.0.0')],
    run: 'update comfyui-foo',
    after: () => '=',
    exitCode: 3,
    more: says('node install comfyui-foo'),
  },
  { name: 'an update of nothing', before: [], run: 'update comfyui-foo', after: () => '=', exitCode: 3 },
];
