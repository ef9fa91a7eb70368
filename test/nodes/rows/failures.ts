import { D, F, install, on, says, type Row } from '../words.ts';

/** What does not go well leaves the old version active. */
export const failures: readonly Row[] = [
  {
    name: 'a version that does not exist: the others are named',
    before: [install('comfyui-foo@1.0.0')],
    run: 'install comfyui-foo@7.0.0',
    after: () => '=',
    exitCode: 3,
    more: says('Available versions: 2.1.0-beta.1'),
  },
  {
    name: 'a pack that does not exist',
    before: [],
    run: 'install comfyui-nowhere@1.0.0',
    after: () => '=',
    exitCode: 3,
  },
  {
    name: 'a pack without repository has no nightly',
    before: [install('comfyui_bar@0.5.0')],
    run: 'install comfyui_bar@nightly',
    after: () => '=',
    exitCode: 3,
    more: says('name the repository itself'),
  },
  { name: 'a repository that does not exist', before: [], run: 'install REPO-NOWHERE', after: () => '=', exitCode: 5 },
  {
    name: 'offline, and not in the cache',
    before: [install('comfyui-foo@1.0.0')],
    run: 'install comfyui-foo@1.1.0 --offline',
    after: () => '=',
    exitCode: 5,
  },
  {
    name: 'offline, and fetched before',
    before: [install('comfyui-foo@1.1.0'), install('comfyui-foo@1.0.0')],
    run: 'install comfyui-foo@1.1.0 --offline',
    after: () => ({ [F]: '1.1.0' }),
  },
  {
    name: 'offline, and it waits',
    before: [install('comfyui-foo@nightly'), install('comfyui-foo@1.0.0')],
    run: 'install comfyui-foo@nightly --offline',
    after: () => ({ [F]: on.nightly, [`${D}@1_0_0`]: '1.0.0' }),
  },
  {
    name: 'a repository has no versions',
    before: [],
    run: 'install REPO-FOO@1.0.0',
    after: () => '=',
    exitCode: 3,
    more: says('has no version 1.0.0'),
  },
];
