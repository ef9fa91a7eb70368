import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { git } from '../rig/git-server.ts';
import {
  cloneByHand,
  type Done,
  layByHand,
  type NodeBench,
  type NodeWorld,
  openNodeBench,
  openNodeWorld,
  projectText,
  type TestPack,
} from './rig.ts';

let world: NodeWorld;
let foo: TestPack;
let bar: TestPack;
/** The newest commit of ComfyUI-Foo, as layouts name it. */
let nightly: string;
let barNightly: string;
beforeAll(async () => {
  world = await openNodeWorld();
  foo = await world.pack('ComfyUI-Foo');
  foo.release('1.0.0', { 'old.py': 'old', 'data/table.txt': '1', 'assets/a/deep.txt': 'x' });
  foo.release('1.1.0', { 'data/table.txt': '1', 'new.py': 'new' });
  foo.release('2.0.0', { data: 'a file where a directory was' });
  foo.release('2.1.0-beta.1');
  foo.release('2.1.0-beta.1+build.5');
  nightly = `nightly ${(await foo.commit({ ...foo.files('3.0.0') })).slice(0, 8)}`;
  bar = await world.pack('comfyui_bar', { repository: false });
  bar.release('0.5.0');
  barNightly = `nightly ${(await bar.commit({ '__init__.py': '' })).slice(0, 8)}`;
});
afterAll(async () => world[Symbol.asyncDispose]());

type Before = (bench: NodeBench) => unknown;
interface Row {
  readonly name: string;
  readonly before: readonly Before[];
  /** The command, in words. */
  readonly run: string;
  /** What every directory holds afterwards; `=` where nothing may change. */
  readonly after: () => Readonly<Record<string, string>> | '=';
  readonly exitCode?: number;
  readonly more?: (bench: NodeBench, done: Done) => unknown;
}

const ran =
  (...words: readonly string[]): Before =>
  (bench) =>
    bench.done(...words);
const install = (what: string, ...flags: readonly string[]): Before => ran('install', what, ...flags);
/** A release as another tool lays it out. */
const theirs =
  (path: string, version: string, files: Readonly<Record<string, string>> = {}, tracking?: string): Before =>
  (bench) =>
    layByHand(bench, path, { ...foo.files(version), ...files }, tracking);
const cloned =
  (path: string, pack: () => TestPack = () => foo): Before =>
  (bench) =>
    cloneByHand(bench, path, pack().repo);
const file =
  (path: string, text = 'mine'): Before =>
  (bench) =>
    bench.write(`custom_nodes/${path}`, text);
const moved =
  (from: string, to: string): Before =>
  (bench) => {
    mkdirSync(bench.at('custom_nodes/.disabled'), { recursive: true });
    renameSync(bench.at('custom_nodes', from), bench.at('custom_nodes', to));
  };
const removed =
  (path: string): Before =>
  (bench) =>
    rmSync(bench.at('custom_nodes', path), { recursive: true });

const reads = (path: string, text: string) => (bench: NodeBench) =>
  expect(bench.read(`custom_nodes/${path}`)).toBe(text);
const isGone = (path: string) => (bench: NodeBench) => expect(existsSync(bench.at('custom_nodes', path))).toBe(false);
const says = (text: string | RegExp) => (_: NodeBench, done: Done) =>
  expect([...done.notes, JSON.stringify(done.failure ?? '')].join('\n')).toMatch(text);
const all =
  (...checks: readonly ((bench: NodeBench, done: Done) => unknown)[]) =>
  (bench: NodeBench, done: Done) => {
    for (const check of checks) check(bench, done);
  };
/** The files kept below `.pipeline/kept`, in any depth. */
const kept = (bench: NodeBench): readonly string[] =>
  existsSync(bench.at('.pipeline/kept'))
    ? readdirSync(bench.at('.pipeline/kept'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(bench.at('.pipeline/kept').length + 1))
        .toSorted()
    : [];
const keeps =
  (...paths: readonly string[]) =>
  (bench: NodeBench) =>
    expect(kept(bench)).toEqual(paths);

const F = 'ComfyUI-Foo';
const D = '.disabled/comfyui-foo';

/** The switching table. */
const switching: readonly Row[] = [
  {
    name: 'nothing -> release',
    before: [],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0' }),
    more: says('restart'),
  },
  {
    name: 'nothing -> newest, prereleases are not meant',
    before: [],
    run: 'install comfyui-foo',
    after: () => ({ [F]: '2.0.0' }),
  },
  { name: 'nothing -> latest by name', before: [], run: 'install comfyui-foo@latest', after: () => ({ [F]: '2.0.0' }) },
  {
    name: 'nothing -> prerelease',
    before: [],
    run: 'install comfyui-foo@2.1.0-beta.1',
    after: () => ({ [F]: '2.1.0-beta.1' }),
  },
  {
    name: 'nothing -> v1.0.0 reads as 1.0.0',
    before: [],
    run: 'install comfyui-foo@v1.0.0',
    after: () => ({ [F]: '1.0.0' }),
  },
  {
    name: 'nothing -> another case of the id',
    before: [],
    run: 'install ComfyUI-FOO@1.0.0',
    after: () => ({}),
    exitCode: 3,
    more: says('registry'),
  },
  {
    name: 'nothing -> nightly by id',
    before: [],
    run: 'install comfyui-foo@nightly',
    after: () => ({ [F]: nightly }),
    more: (bench) => expect(existsSync(bench.at('custom_nodes', F, '.git/HEAD'))).toBe(true),
  },
  {
    name: 'nothing -> nightly of a repository without pyproject is called as the repository',
    before: [],
    run: 'install REPO-BAR',
    after: () => ({ comfyui_bar: barNightly }),
  },
  {
    name: 'same release',
    before: [install('comfyui-foo@1.0.0')],
    run: 'install comfyui-foo@1.0.0',
    after: () => '=',
    more: says('Nothing to do'),
  },
  {
    name: 'same release in another case',
    before: [install('comfyui-foo@1.0.0')],
    run: 'install ComfyUI-Foo@1.0.0',
    after: () => '=',
    more: says('Nothing to do'),
  },
  {
    name: 'same nightly',
    before: [install('comfyui-foo@nightly')],
    run: 'install comfyui-foo@nightly',
    after: () => '=',
    more: says('Nothing to do'),
  },
  {
    name: 'same nightly by its repository',
    before: [install('comfyui-foo@nightly')],
    run: 'install REPO-FOO',
    after: () => '=',
    more: says('Nothing to do'),
  },
  {
    name: 'up, in place',
    before: [install('comfyui-foo@1.0.0')],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0' }),
    more: all(isGone(`${F}/old.py`), isGone(`${F}/assets`), reads(`${F}/new.py`, 'new')),
  },
  {
    name: 'down, in place',
    before: [install('comfyui-foo@1.1.0')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0' }),
    more: all(isGone(`${F}/new.py`), reads(`${F}/old.py`, 'old')),
  },
  {
    name: 'update goes to the newest',
    before: [install('comfyui-foo@1.0.0')],
    run: 'update comfyui-foo',
    after: () => ({ [F]: '2.0.0' }),
  },
  {
    name: 'update of the newest',
    before: [install('comfyui-foo@2.0.0')],
    run: 'update comfyui-foo',
    after: () => '=',
    more: says('is the newest'),
  },
  {
    name: 'update of a newer prerelease stays',
    before: [install('comfyui-foo@2.1.0-beta.1')],
    run: 'update comfyui-foo',
    after: () => '=',
    more: says('is the newest'),
  },
  {
    name: 'a prerelease and its build are two versions',
    before: [install('comfyui-foo@2.1.0-beta.1')],
    run: 'install comfyui-foo@2.1.0-beta.1+build.5',
    after: () => ({ [F]: '2.1.0-beta.1+build.5' }),
  },
  {
    name: 'up, keeping the previous one',
    before: [install('comfyui-foo@1.0.0')],
    run: 'install comfyui-foo@1.1.0 --keep-previous',
    after: () => ({ [F]: '1.1.0', [`${D}@1_0_0`]: '1.0.0' }),
    more: reads(`${D}@1_0_0/old.py`, 'old'),
  },
  {
    name: 'a prerelease that is kept has underscores for dots',
    before: [install('comfyui-foo@2.1.0-beta.1')],
    run: 'install comfyui-foo@1.0.0 --keep-previous',
    after: () => ({ [F]: '1.0.0', [`${D}@2_1_0-beta_1`]: '2.1.0-beta.1' }),
  },
  {
    name: 'back to one that was kept',
    before: [install('comfyui-foo@1.0.0'), install('comfyui-foo@1.1.0', '--keep-previous')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0', [`${D}@1_1_0`]: '1.1.0' }),
  },
  {
    name: 'three versions, two wait',
    before: [install('comfyui-foo@1.0.0'), install('comfyui-foo@1.1.0', '--keep-previous')],
    run: 'install comfyui-foo@2.0.0 --keep-previous',
    after: () => ({ [F]: '2.0.0', [`${D}@1_0_0`]: '1.0.0', [`${D}@1_1_0`]: '1.1.0' }),
  },
  {
    name: 'release -> nightly',
    before: [install('comfyui-foo@1.0.0')],
    run: 'install comfyui-foo@nightly',
    after: () => ({ [F]: nightly, [`${D}@1_0_0`]: '1.0.0' }),
  },
  {
    name: 'nightly -> release',
    before: [install('comfyui-foo@nightly')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0', [`${D}@nightly`]: nightly }),
  },
  {
    name: 'release -> nightly that waits',
    before: [install('comfyui-foo@nightly'), install('comfyui-foo@1.0.0')],
    run: 'install comfyui-foo@nightly',
    after: () => ({ [F]: nightly, [`${D}@1_0_0`]: '1.0.0' }),
  },
  {
    name: 'nightly -> release that waits',
    before: [install('comfyui-foo@1.0.0'), install('comfyui-foo@nightly')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0', [`${D}@nightly`]: nightly }),
  },
  {
    name: 'nightly -> another release than the one that waits',
    before: [install('comfyui-foo@1.0.0'), install('comfyui-foo@nightly')],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0', [`${D}@nightly`]: nightly, [`${D}@1_0_0`]: '1.0.0' }),
  },
  {
    name: 'nothing active, the release waits',
    before: [install('comfyui-foo@1.0.0'), moved(F, `${D}@1_0_0`)],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0' }),
  },
  {
    name: 'nothing active, the nightly waits',
    before: [install('comfyui-foo@nightly'), moved(F, `${D}@nightly`)],
    run: 'install comfyui-foo@nightly',
    after: () => ({ [F]: nightly }),
  },
  {
    name: 'nothing active, another release waits: it goes on waiting',
    before: [install('comfyui-foo@1.0.0'), moved(F, `${D}@1_0_0`)],
    run: 'install comfyui-foo@2.0.0',
    after: () => ({ [F]: '2.0.0', [`${D}@1_0_0`]: '1.0.0' }),
  },
  {
    name: 'mixed kinds wait',
    before: [install('comfyui-foo@1.0.0'), install('comfyui-foo@nightly'), install('comfyui-foo@2.0.0')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0', [`${D}@nightly`]: nightly, [`${D}@2_0_0`]: '2.0.0' }),
  },
];

/** What is the user's. */
const ofTheUser: readonly Row[] = [
  {
    name: 'user files stay in an update',
    before: [install('comfyui-foo@1.0.0'), file(`${F}/settings.ini`), file(`${F}/out/x/y.txt`)],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0' }),
    more: all(reads(`${F}/settings.ini`, 'mine'), reads(`${F}/out/x/y.txt`, 'mine')),
  },
  {
    name: 'user files in a directory that the new version has no more keep it',
    before: [install('comfyui-foo@1.0.0'), file(`${F}/assets/mine.txt`)],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0' }),
    more: all(reads(`${F}/assets/mine.txt`, 'mine'), isGone(`${F}/assets/a`)),
  },
  {
    name: 'an edited file is kept beside the new one',
    before: [install('comfyui-foo@1.0.0'), file(`${F}/nodes/a.py`, 'edited')],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0' }),
    more: all(
      reads(`${F}/nodes/a.py.user-1`, 'edited'),
      reads(`${F}/nodes/a.py`, 'A = "1.1.0"\n'),
      says('nodes/a.py was edited'),
    ),
  },
  {
    name: 'an edited file that the new version has no more is kept',
    before: [install('comfyui-foo@1.0.0'), file(`${F}/old.py`, 'edited')],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0' }),
    more: reads(`${F}/old.py.user-1`, 'edited'),
  },
  {
    name: 'a user file where the new version has one is kept beside',
    before: [install('comfyui-foo@1.0.0'), file(`${F}/new.py`)],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0' }),
    more: all(reads(`${F}/new.py.user-1`, 'mine'), reads(`${F}/new.py`, 'new')),
  },
  {
    name: 'a directory becomes a file',
    before: [install('comfyui-foo@1.0.0')],
    run: 'install comfyui-foo@2.0.0',
    after: () => ({ [F]: '2.0.0' }),
    more: reads(`${F}/data`, 'a file where a directory was'),
  },
  {
    name: 'a file becomes a directory',
    before: [install('comfyui-foo@2.0.0')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0' }),
    more: reads(`${F}/data/table.txt`, '1'),
  },
  {
    name: 'a directory with user files becomes a file',
    before: [install('comfyui-foo@1.0.0'), file(`${F}/data/mine.txt`)],
    run: 'install comfyui-foo@2.0.0',
    after: () => ({ [F]: '2.0.0' }),
    more: all(reads(`${F}/data`, 'a file where a directory was'), reads(`${F}/data.user-1/mine.txt`, 'mine')),
  },
  {
    name: 'user files wait with the version they are in, and come back',
    before: [install('comfyui-foo@1.0.0'), file(`${F}/settings.ini`), install('comfyui-foo@nightly')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0', [`${D}@nightly`]: nightly }),
    more: reads(`${F}/settings.ini`, 'mine'),
  },
  {
    name: 'a deleted file comes back with the next version',
    before: [install('comfyui-foo@1.0.0'), removed(`${F}/__init__.py`)],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0' }),
    more: reads(`${F}/__init__.py`, 'VERSION = "1.1.0"\n'),
  },
  {
    name: 'bytecode goes with the directory it is in',
    before: [install('comfyui-foo@1.0.0'), file(`${F}/assets/a/__pycache__/x.pyc`)],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0' }),
    more: isGone(`${F}/assets`),
  },
  {
    name: 'uninstall',
    before: [install('comfyui-foo@1.0.0')],
    run: 'uninstall comfyui-foo',
    after: () => ({}),
    more: keeps(),
  },
  {
    name: 'uninstall in any case',
    before: [install('comfyui-foo@1.0.0')],
    run: 'uninstall ComfyUI-FOO',
    after: () => ({}),
    more: keeps(),
  },
  {
    name: 'uninstall keeps user files, and says so',
    before: [install('comfyui-foo@1.0.0'), file(`${F}/settings.ini`), file(`${F}/nodes/a.py`, 'edited')],
    run: 'uninstall comfyui-foo',
    after: () => ({}),
    more: all(
      keeps(`${F}-1/nodes/a.py`, `${F}-1/settings.ini`),
      says(`custom_nodes/${F} is kept in .pipeline/kept/${F}-1`),
    ),
  },
  {
    name: 'uninstall with everything that waits',
    before: [
      install('comfyui-foo@1.0.0'),
      install('comfyui-foo@1.1.0', '--keep-previous'),
      install('comfyui-foo@nightly'),
    ],
    run: 'uninstall comfyui-foo',
    after: () => ({}),
    more: keeps(),
  },
  {
    name: 'uninstall of what only waits',
    before: [install('comfyui-foo@1.0.0'), moved(F, `${D}@1_0_0`)],
    run: 'uninstall comfyui-foo',
    after: () => ({}),
  },
  {
    name: 'uninstall of a nightly by its repository',
    before: [install('comfyui-foo@nightly')],
    run: 'uninstall REPO-FOO',
    after: () => ({}),
  },
  {
    name: 'uninstall leaves other packs',
    before: [install('comfyui-foo@1.0.0'), install('comfyui_bar@0.5.0')],
    run: 'uninstall comfyui-foo',
    after: () => ({ comfyui_bar: '0.5.0' }),
  },
  {
    name: 'uninstall of nothing',
    before: [],
    run: 'uninstall comfyui-foo',
    after: () => '=',
    exitCode: 3,
    more: says('node list --all'),
  },
];

/** What other tools made. */
const ofOthers: readonly Row[] = [
  {
    name: 'their release, the same: nothing is adopted',
    before: [theirs(F, '1.0.0')],
    run: 'install comfyui-foo@1.0.0',
    after: () => '=',
    more: (bench) => expect(existsSync(bench.at('.pipeline'))).toBe(false),
  },
  {
    name: 'their release -> another, in place: what had to go is kept',
    before: [theirs(F, '1.0.0', { 'old.py': 'old' }), file(`${F}/settings.ini`)],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0' }),
    more: all(
      reads(`${F}/settings.ini`, 'mine'),
      isGone(`${F}/old.py`),
      (bench) => expect(kept(bench)).toContain(`${F}-1/custom_nodes/${F}/old.py`),
      says(/kept in .pipeline.kept/),
    ),
  },
  {
    name: 'their release after it was taken over: our receipt decides',
    before: [theirs(F, '1.0.0'), install('comfyui-foo@1.1.0'), file(`${F}/new.py`, 'edited')],
    run: 'install comfyui-foo@2.0.0',
    after: () => ({ [F]: '2.0.0' }),
    more: reads(`${F}/new.py.user-1`, 'edited'),
  },
  {
    name: 'their release in a renamed directory is updated there',
    before: [theirs('My Nodes', '1.0.0')],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ 'My Nodes': '1.1.0' }),
  },
  {
    name: 'their release in a directory of another case is updated there',
    before: [theirs('comfyui-foo', '1.0.0')],
    run: 'update comfyui-foo',
    after: () => ({ 'comfyui-foo': '2.0.0' }),
  },
  {
    name: 'a renamed directory of ours is found by what it holds',
    before: [install('comfyui-foo@1.0.0'), moved(F, 'renamed')],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ renamed: '1.1.0' }),
  },
  {
    name: 'a name that lies: the directory is called after another pack',
    before: [theirs('comfyui_bar', '1.0.0')],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ comfyui_bar: '1.1.0' }),
  },
  {
    name: 'a name that lies stands in the way of the pack it names',
    before: [theirs('comfyui_bar', '1.0.0')],
    run: 'install comfyui_bar@0.5.0',
    after: () => '=',
    exitCode: 3,
    more: says('another pack'),
  },
  {
    name: 'a name that lies is not uninstalled by it',
    before: [theirs('comfyui_bar', '1.0.0')],
    run: 'uninstall comfyui_bar',
    after: () => '=',
    exitCode: 3,
  },
  {
    name: 'their release -> nightly',
    before: [theirs(F, '1.0.0')],
    run: 'install comfyui-foo@nightly',
    after: () => ({ [F]: nightly, [`${D}@1_0_0`]: '1.0.0' }),
  },
  {
    name: 'their checkout -> release',
    before: [cloned(F)],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0', [`${D}@nightly`]: nightly }),
  },
  {
    name: 'their checkout, the same',
    before: [cloned(F)],
    run: 'install comfyui-foo@nightly',
    after: () => '=',
    more: says('Nothing to do'),
  },
  {
    name: 'their checkout in a renamed directory',
    before: [cloned('stuff')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0', [`${D}@nightly`]: nightly }),
  },
  {
    name: 'their checkout that names no pack is found by its repository',
    before: [cloned('bar-clone', () => bar)],
    run: 'uninstall REPO-BAR',
    after: () => ({}),
  },
  {
    name: 'their checkout with a .tracking in it is a checkout, and that is said',
    before: [cloned(F), file(`${F}/.tracking`, 'x.py')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0', [`${D}@nightly`]: nightly }),
    more: says('remove `.tracking`'),
  },
  {
    name: 'Foo.disabled comes back under its own name',
    before: [theirs(`${F}.disabled`, '1.0.0')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0' }),
  },
  {
    name: 'foo.disabled in another case too',
    before: [theirs('comfyui-foo.disabled', '1.0.0')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0' }),
  },
  {
    name: '.disabled/Foo without @ comes back',
    before: [theirs(`.disabled/${F}`, '1.0.0')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0' }),
  },
  {
    name: '.disabled/FOO@1_0_0 in any case comes back',
    before: [theirs('.disabled/COMFYUI-FOO@1_0_0', '1.0.0')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0' }),
  },
  {
    name: 'a version in the name of a waiting directory that lies',
    before: [theirs(`${D}@9_9_9`, '1.0.0')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0' }),
  },
  {
    name: 'a waiting checkout of theirs comes back',
    before: [cloned(`${D}@nightly`)],
    run: 'install comfyui-foo@nightly',
    after: () => ({ [F]: nightly }),
  },
  {
    name: 'several layouts of several generations',
    before: [theirs(`${F}.disabled`, '1.0.0'), theirs('.disabled/Foo@1_1_0', '1.1.0'), cloned(`.disabled/${F}`)],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0', [`${F}.disabled`]: '1.0.0', [`.disabled/${F}`]: nightly }),
  },
  {
    name: 'theirs is kept whole when it is uninstalled',
    before: [theirs(F, '1.0.0'), file(`${F}/settings.ini`)],
    run: 'uninstall comfyui-foo',
    after: () => ({}),
    more: all((bench) => expect(kept(bench)).toContain(`${F}-1/settings.ini`), says('all of it is kept')),
  },
  {
    name: 'unsafe lines of a .tracking harm nobody',
    before: [
      theirs(F, '1.0.0', {}, '../canary\n/etc/hostname\nnodes/a.py'),
      (bench) => bench.write('custom_nodes/canary', 'sings'),
    ],
    run: 'uninstall ComfyUI-Foo',
    after: () => ({}),
    more: all(reads('canary', 'sings'), says('names what no archive may hold')),
  },
  {
    name: 'an unsafe .tracking is not updated',
    before: [theirs(F, '1.0.0', {}, '../canary'), (bench) => bench.write('custom_nodes/canary', 'sings')],
    run: `update ${F}`,
    after: () => '=',
    exitCode: 3,
    more: all(reads('canary', 'sings'), says('nobody knows what it holds')),
  },
  {
    name: 'a .tracking through a symbolic link removes nothing behind it',
    before: [
      theirs(F, '1.0.0', {}, 'link/canary\nnodes/a.py'),
      (bench) => bench.write('custom_nodes-canary/canary', 'sings'),
      (bench) => symlinkSync('../../custom_nodes-canary', bench.at('custom_nodes', F, 'link')),
    ],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0' }),
    more: (bench) => expect(bench.read('custom_nodes-canary/canary')).toBe('sings'),
  },
  {
    name: 'a .tracking that names a file of the user deletes nothing',
    before: [theirs(F, '1.0.0', {}, 'settings.ini\nnodes/a.py'), file(`${F}/settings.ini`)],
    run: 'install comfyui-foo@1.1.0',
    after: () => ({ [F]: '1.1.0' }),
    more: (bench) => expect(kept(bench)).toContain(`${F}-1/custom_nodes/${F}/settings.ini`),
  },
  {
    name: 'a corrupt pyproject.toml: nobody knows what it is',
    before: [theirs(F, '1.0.0', { 'pyproject.toml': '[project' })],
    run: 'install comfyui-foo@1.1.0',
    after: () => '=',
    exitCode: 3,
    more: says('not this pack'),
  },
  {
    name: 'a corrupt pyproject.toml is uninstalled by its directory, with a warning',
    before: [theirs(F, '1.0.0', { 'pyproject.toml': '[project' })],
    run: `uninstall ${F}`,
    after: () => ({}),
    more: says('look at it before'),
  },
  {
    name: 'a directory without markers is in the way',
    before: [file(`${F}/__init__.py`)],
    run: 'install comfyui-foo@1.0.0',
    after: () => '=',
    exitCode: 3,
    more: reads(`${F}/__init__.py`, 'mine'),
  },
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
      (bench) => layByHand(bench, '../elsewhere', foo.files('1.0.0')),
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

/** Places in `.disabled` that are taken. */
const collisions: readonly Row[] = [
  {
    name: 'the same waits already: the copy goes',
    before: [
      install('comfyui-foo@1.0.0'),
      theirs(`${D}@1_0_0`, '1.0.0', { 'old.py': 'old', 'data/table.txt': '1', 'assets/a/deep.txt': 'x' }, '*'),
      (bench) => bench.write(`custom_nodes/${D}@1_0_0/.tracking`, bench.read(`custom_nodes/${F}/.tracking`)),
    ],
    run: 'install comfyui-foo@nightly',
    after: () => ({ [F]: nightly, [`${D}@1_0_0`]: '1.0.0' }),
  },
  {
    name: 'another content waits under that name: both stay, and it is said',
    before: [install('comfyui-foo@1.0.0'), theirs(`${D}@1_0_0`, '1.0.0', { 'other.py': 'x' })],
    run: 'install comfyui-foo@nightly',
    after: () => ({ [F]: nightly, [`${D}@1_0_0`]: '1.0.0', [`${D}@1_0_0~2`]: '1.0.0' }),
    more: all(says('is taken'), reads(`${D}@1_0_0/other.py`, 'x'), reads(`${D}@1_0_0~2/old.py`, 'old')),
  },
  {
    name: 'two are taken: ~3',
    before: [install('comfyui-foo@1.0.0'), file(`${D}@1_0_0/x`), file(`${D}@1_0_0~2/x`)],
    run: 'install comfyui-foo@nightly',
    after: () => ({ [F]: nightly, [`${D}@1_0_0`]: '?', [`${D}@1_0_0~2`]: '?', [`${D}@1_0_0~3`]: '1.0.0' }),
  },
  {
    name: 'what has ~2 in its name comes back',
    before: [theirs(`${D}@1_0_0~2`, '1.0.0')],
    run: 'install comfyui-foo@1.0.0',
    after: () => ({ [F]: '1.0.0' }),
  },
];

/** What does not go well leaves the old version active. */
const failures: readonly Row[] = [
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
    after: () => ({ [F]: nightly, [`${D}@1_0_0`]: '1.0.0' }),
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

const rows = [...switching, ...ofTheUser, ...ofOthers, ...collisions, ...failures];

it('the table has 80 rows or more, each of its own', () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThanOrEqual(80);
});

it.each(rows)('$name', async ({ before, run, after, exitCode = 0, more }) => {
  using bench = openNodeBench(world);
  for (const step of before) await step(bench);
  const layout = bench.layout();
  const words = run
    .replace('REPO-FOO', foo.repo)
    .replace('REPO-BAR', bar.repo)
    .replace('REPO-NOWHERE', world.gits.url('nowhere'));
  const done = await bench.node(...words.split(' '));
  expect([done.exitCode, done.exitCode === exitCode ? '' : JSON.stringify(done.failure)]).toEqual([exitCode, '']);
  const expected = after();
  expect(bench.layout()).toEqual(expected === '=' ? layout : expected);
  more?.(bench, done);
  expect(existsSync(bench.at('.pipeline/journal.json'))).toBe(false);
});
