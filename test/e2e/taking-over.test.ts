import { existsSync, lstatSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { canTrace, cutting, leftovers, seededRandom } from './crash-rig.ts';
import { copyTree } from './rig.ts';
import { small } from './small.ts';
import { takenOver, users, warningsOf } from './taken-over.ts';
import {
  bytesIn,
  git,
  lostFrom,
  makeGeneration1,
  makeGeneration2,
  makePlain,
  makeVenv,
  put,
  type Source,
} from './taking-over.ts';
import { changedPaths, listing } from './tree.ts';
import { hasPip } from './wheels.ts';

const on = small();
const random = seededRandom(11);
const { inTarget, inKept, besides, expectWell } = takenOver(on);
let sources: Readonly<Record<'core' | 'alpha' | 'beta' | 'other', Source>>;

/** Later commits than those that the version pins, with files that it has not. */
beforeAll(async () => {
  const core = await on.world.commit('core', {
    'main.py': 'print("core 2")\n',
    'comfy/later.py': 'LATER = 1\n',
    'custom_nodes/loaded_by_comfy.py': 'LATER = 1\n',
  });
  const alpha = await on.world.commit('alpha', { '__init__.py': 'ALPHA = 2\n', 'later.py': 'LATER = 1\n' });
  const other = await on.world.commit('other', { '__init__.py': 'OTHER = 1\n' });
  const beta = on.node('beta') as unknown as Source;
  sources = { core, alpha, beta, other };
});

describe.skipIf(!hasPip)('a target of an earlier tool, or a ComfyUI that somebody installed (needs pip)', () => {
  it('generation 2: links, environment and core make room; what they lead to is untouched', async () => {
    const { bench } = on;
    await makeGeneration2(bench, bench.target, {
      core: sources.core,
      nodes: { alpha: sources.alpha, gone: sources.other },
    });
    put(bench.target, { 'main.py': 'print("edited")\n' });
    const [before, outside] = [bytesIn(bench.target), listing(bench.at('volume'))];
    const clones = listing(join(bench.cache, 'custom_nodes'));
    const said = warningsOf(await on.realize());

    expect(await besides()).toEqual([
      '.runpod_prepared.json',
      'extra_model_paths.yaml.user-1',
      'input/mine.png',
      'models/loras/small.safetensors.user-1',
      ...users.slice(1),
    ]);
    expect(lostFrom(before, bench.target)).toEqual([]);
    expect([listing(bench.at('volume')), listing(join(bench.cache, 'custom_nodes'))]).toEqual([outside, clones]);
    expect(lstatSync(inTarget('custom_nodes/alpha')).isSymbolicLink()).toBe(false);
    expect(existsSync(inTarget('custom_nodes/gone'))).toBe(false);
    for (const [name, source] of [
      ['alpha', sources.alpha],
      ['gone', sources.other],
    ] as const) {
      const leads = join(bench.cache, `custom_nodes/${name}@${source.commit}`);
      expect(readlinkSync(inKept(`${name}-1`))).toBe(leads);
      expect(said).toContain(
        `custom_nodes/${name} was a link of an earlier tool to ${leads}, which stays: the link is kept as .pipeline/kept/${name}-1`,
      );
    }
    expect(said).toContainEqual(
      expect.stringMatching(
        /^\.venv was not placed by pipeline: all of it \(\d+ [kM]B\) is kept as \.pipeline\/kept\/venv-1$/,
      ),
    );
    expect(existsSync(inKept('venv-1/bin/python'))).toBe(true);
    expect(readFileSync(inKept('core-1/main.py'), 'utf8')).toBe('print("edited")\n');
    expect(await git(inKept('core-1'), 'rev-parse', 'HEAD')).toBe(sources.core.commit);
    await expectWell();

    expect((await bench.pipeline(['delete', 'small', '--target', bench.target, '--yes'])).exitCode).toBe(0);
    // What was the same in both versions is in the history that was kept.
    const gone = await git(inKept('core-1'), 'diff', '--name-only', '--diff-filter=D');
    await git(inKept('core-1'), 'checkout', '--', ...gone.split('\n'));
    expect(lostFrom(before, bench.target)).toEqual([]);
    expect(listing(join(bench.cache, 'custom_nodes'))).toEqual(clones);
  });

  it('generation 2 at the very commit that is wanted: nothing goes on to depend on the old cache', async () => {
    const { bench } = on;
    const core = on.pins.core as unknown as Source;
    await makeGeneration2(bench, bench.target, { core, nodes: { beta: sources.beta } });
    await on.realize();
    for (const directory of ['', 'custom_nodes/beta'])
      expect(existsSync(inTarget(directory, '.git/objects/info/alternates'))).toBe(false);
    expect(await git(inTarget(), 'remote', 'get-url', 'origin')).toBe(core.repo);
    expect(await git(inKept('core.git-1'), 'rev-parse', 'HEAD')).toBe(core.commit);
    await expectWell();
  });

  it('generation 1: the old ComfyUI stays beside, whole, and the models that were there are taken', async () => {
    const { bench, world } = on;
    await makeGeneration1(bench, bench.target, { core: sources.core, nodes: { alpha: sources.alpha } });
    const [before, old] = [bytesIn(bench.target), listing(inTarget('ComfyUI'))];
    const asked = world.files.asked.length;
    const ended = await on.realize();
    expect(world.files.asked.length).toBe(asked);
    expect(lostFrom(before, bench.target)).toEqual([]);
    expect(listing(inTarget('ComfyUI'))).toEqual(old);
    expect(ended.notes).toContainEqual(expect.stringContaining('ComfyUI/ was made by an earlier tool'));
    expect((await besides()).filter((path) => !path.startsWith('ComfyUI/'))).toEqual([
      '.comfy_env',
      '.requirements.lock.txt',
      'models/loras/small.safetensors.user-1',
    ]);
    expect(existsSync(inKept('venv-1/lib'))).toBe(true);
    await expectWell();
  });

  it("a plain installation: what is of the version is exactly the version, what was somebody else's waits or is kept", async () => {
    const { bench } = on;
    const { core, alpha, beta, other } = sources;
    await makePlain(bench, bench.target, { core, nodes: { alpha, beta, 'ComfyUI-Other': other } });
    put(bench.target, {
      'comfy/__init__.py': 'EDITED = 1\n',
      'custom_nodes/alpha/__init__.py': 'EDITED = 1\n',
      'custom_nodes/alpha/presets/mine.json': '{"a": "preset"}',
      'custom_nodes/beta/mine.txt': 'beside',
      'custom_nodes/mine/__init__.py': 'MINE = 1\n',
      // As ComfyUI-Manager leaves a release.
      'custom_nodes/Gamma/__init__.py': 'GAMMA = 0\n',
      'custom_nodes/Gamma/old.py': 'OLD = 1\n',
      'custom_nodes/Gamma/preset.json': '{"another": "preset"}',
      'custom_nodes/Gamma/pyproject.toml': '[project]\nname = "gamma"\nversion = "0.9.0"\n',
      'custom_nodes/Gamma/.tracking': '__init__.py\nold.py\npyproject.toml',
    });
    const working = bench.at('working-copy');
    put(working, { '__init__.py': 'WORK = 1\n' });
    symlinkSync(working, inTarget('custom_nodes/working'));
    const before = bytesIn(bench.target);
    const ended = await on.realize();

    expect(lostFrom(before, bench.target)).toEqual([]);
    expect(await besides()).toEqual(
      [
        'custom_nodes/.disabled/other@nightly/__init__.py',
        'custom_nodes/Gamma/preset.json',
        'custom_nodes/beta/mine.txt',
        'custom_nodes/mine/__init__.py',
        'custom_nodes/working',
        ...users,
      ].toSorted(),
    );
    expect(ended.notes).toContainEqual('custom_nodes/mine stays: nobody knows what it is, and ComfyUI loads it');
    expect(warningsOf(ended)).toContain(
      'custom_nodes/ComfyUI-Other is not in this version: it waits in custom_nodes/.disabled/other@nightly',
    );
    expect(readFileSync(inKept('alpha-1/presets/mine.json'), 'utf8')).toBe('{"a": "preset"}');
    expect(readFileSync(inKept('Gamma-1/custom_nodes/Gamma/old.py'), 'utf8')).toBe('OLD = 1\n');
    // All of the old checkout comes back from what was kept.
    await git(inKept('core-1'), 'checkout', '--', 'main.py', 'comfy/later.py');
    expect(await git(inKept('core-1'), 'diff', '--name-only', '--diff-filter=M')).toBe('comfy/__init__.py');
    await expectWell();
  });

  it('an environment that took the place of ours is kept as well; what was only added to ours stays, and is told of', async () => {
    const { bench } = on;
    await on.realize();
    put(bench.target, { '.venv/lib/python3.11/site-packages/added.py': 'ADDED = 1\n' });
    expect((await on.realize(['--verify'])).built).toEqual([]);
    expect(existsSync(inTarget('.venv/lib/python3.11/site-packages/added.py'))).toBe(true);

    rmSync(inTarget('.venv'), { recursive: true });
    await makeVenv(bench, bench.target);
    const before = bytesIn(inTarget('.venv'));
    expect((await on.realize()).built).toContain('install-wheels');
    expect(await besides()).toEqual([]);
    expect(lostFrom(before, inKept('venv-1'))).toEqual([]);
    expect((await on.realize()).built).toEqual([]);
  });

  it('killed in the middle of taking over, the next run comes to the same and loses nothing', async ({ skip }) => {
    skip(!canTrace, 'strace is not installed, or may not trace');
    const { bench } = on;
    const model = bench.at('model');
    const { core, alpha, other } = sources;
    await makePlain(bench, model, { core, nodes: { alpha, 'ComfyUI-Other': other } });
    await bench.pipeline(['realize', 'small', '--target', bench.at('clean')]);
    for (const part of [random(), random()]) {
      const target = bench.at(`cut ${part}`);
      copyTree(model, target);
      const before = bytesIn(target);
      const { child, ended } = bench.start(['realize', 'small', '--target', target], {
        under: ['setsid', ...cutting(5 + Math.floor(part * 15))],
        env: { UV_THREADPOOL_SIZE: '1' },
      });
      await ended;
      expect(child.signalCode).toBe('SIGKILL');
      expect(lostFrom(before, target)).toEqual([]);
      expect((await bench.pipeline(['realize', 'small', '--target', target])).exitCode).toBe(0);
      expect(lostFrom(before, target)).toEqual([]);
      const changed = changedPaths(
        listing(bench.at('clean'), { except: ['.pipeline'] }),
        listing(target, { except: ['.pipeline'] }),
      );
      const more = changed.filter((path) => !path.endsWith('/') && !path.includes('.git/'));
      expect(more).toEqual(['custom_nodes/.disabled/other@nightly/__init__.py', ...users]);
      expect(leftovers(bench, target)).toEqual([]);
    }
  });
});
