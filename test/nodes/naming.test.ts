import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { identify, samePack } from '../../tasks/tools/nodes/identity.ts';
import { git } from '../rig/git-server.ts';
import {
  archive,
  config,
  detached,
  directoryOf,
  type Files,
  kj,
  kjArchive,
  kjNightly,
  noMarkers,
  project,
  unknown,
} from './markers.ts';

const nightlyOf = (url: string, more: Files = {}) =>
  identify(directoryOf({ ...detached, '.git/config': config(url), ...more }));

describe('identify()', () => {
  it.each([
    ['https://github.com/Owner/Repo.git', 'Owner/Repo', 'https://github.com/Owner/Repo.git'],
    ['https://github.com/Owner/Repo/', 'Owner/Repo', 'https://github.com/Owner/Repo/'],
    ['http://github.com/Owner/Repo', 'Owner/Repo', 'http://github.com/Owner/Repo'],
    ['https://me:ghp_secret@github.com/Owner/Repo', 'Owner/Repo', 'https://github.com/Owner/Repo'],
    ['git@github.com:Owner/Repo.git', 'Owner/Repo', 'git@github.com:Owner/Repo.git'],
    ['ssh://git@github.com/Owner/Repo.git', 'Owner/Repo', 'ssh://git@github.com/Owner/Repo.git'],
    ['ssh://me:secret@git.example/Repo.git', 'ssh://git.example/Repo.git', 'ssh://me@git.example/Repo.git'],
    [
      'https://token@git.example/team/Repo.git',
      'https://git.example/team/Repo.git',
      'https://git.example/team/Repo.git',
    ],
  ])('the remote %s is the pack %s', (url, id, repo) => {
    const found = identify(directoryOf({ ...detached, '.git/config': config(url) }));
    expect(found).toMatchObject({ kind: 'nightly', id, auxId: id, repo, name: 'Repo' });
  });

  it.each(['https://git.example/..', 'https://git.example/-x', 'https://git.example/a/.git', String.raw`C:\node`])(
    'the remote %s gives no name to a directory: it keeps its own',
    (url) => {
      const found = identify(directoryOf({ ...detached, '.git/config': config(url.replaceAll('\\', '\\\\')) }));
      expect(found).toMatchObject({ kind: 'nightly', name: 'some-directory' });
    },
  );

  it.each([
    ['v1.0.2', '1.0.2'],
    ['V2.0.0', '2.0.0'],
    ['2.5', '2.5.0'],
    ['3', '3.0.0'],
    ['1.0.0-beta.1+build.5', '1.0.0-beta.1+build.5'],
    [' 1.2.3 ', '1.2.3'],
  ])('the version %j reads as %s', (version, expected) => {
    const files = { ...archive, 'pyproject.toml': project(`name = "x"\nversion = "${version}"`) };
    expect(identify(directoryOf(files))).toMatchObject({ kind: 'cnr', version: expected });
  });

  it('metadata wins over the name of the directory', () => {
    expect(identify(directoryOf(archive, 'other_pack@9_9_9'))).toEqual(kjArchive);
    expect(identify(directoryOf({}, 'ComfyUI-KJNodes@1_1_2'))).toEqual({
      ...unknown(noMarkers),
      name: 'ComfyUI-KJNodes@1_1_2',
    });
  });

  it('worktrees and submodules, as git lays them out', async () => {
    const main = directoryOf({ '__init__.py': '' }, 'main');
    const at = (...words: readonly string[]) => git(words, { cwd: main });
    await at('init', '--quiet', '--initial-branch=main', '.');
    await at('remote', 'add', 'origin', 'https://github.com/kijai/ComfyUI-KJNodes');
    await at('add', '.');
    await at('-c', 'user.name=x', '-c', 'user.email=x@example.org', 'commit', '--quiet', '--message', 'One');
    await at('worktree', 'add', '--quiet', '-b', 'other', '../worktree');
    await git(['init', '--quiet', '--separate-git-dir', '../elsewhere', '.'], { cwd: main });
    const head = await at('rev-parse', 'HEAD');
    expect(identify(main)).toEqual({ ...kjNightly, commit: head, branch: 'main' });
    // Moving the repository away from under a worktree breaks it until git is told.
    await at('worktree', 'repair');
    expect(identify(join(main, '../worktree'))).toEqual({ ...kjNightly, commit: head, branch: 'other' });
    await at('pack-refs', '--all');
    expect(identify(main)).toEqual({ ...kjNightly, commit: head, branch: 'main' });
  });
});

describe('samePack()', () => {
  it.each([
    [
      'the repository that an archive names, in any case',
      () => nightlyOf('git@github.com:KIJAI/comfyui-kjnodes.git'),
      true,
    ],
    [
      'the id in the pyproject.toml of a fork',
      () => nightlyOf('https://github.com/me/fork', { 'pyproject.toml': kj }),
      true,
    ],
    [
      'another version of the archive',
      () => identify(directoryOf({ ...archive, 'pyproject.toml': kj.replace('1.1.2', '2.0.0') })),
      true,
    ],
    ['another repository', () => nightlyOf('https://github.com/kijai/other'), false],
    ['a directory of the same name', () => identify(directoryOf({}, 'ComfyUI-KJNodes')), false],
  ])('%s', (_, other, expected) => {
    const cnr = identify(directoryOf(archive));
    expect(samePack(cnr, other())).toBe(expected);
    expect(samePack(other(), cnr)).toBe(expected);
  });
});
