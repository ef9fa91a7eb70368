import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { identify, samePack } from '../../tasks/tools/nodes/identity.ts';
import { git } from '../rig/git-server.ts';

type Files = Readonly<Record<string, string | { readonly link: string } | null>>;

/** A directory below a directory of the test's own; `null` makes an empty directory. */
function directoryOf(files: Files, name = 'some-directory'): string {
  const root = mkdtempSync(join(tmpdir(), 'identity-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const directory = join(root, name);
  mkdirSync(directory);
  for (const [path, content] of Object.entries(files)) {
    const at = join(directory, path);
    mkdirSync(content === null ? at : dirname(at), { recursive: true });
    if (typeof content === 'string') writeFileSync(at, content);
    else if (content !== null) symlinkSync(content.link, at);
  }
  return directory;
}

const commit = '37365817e82c3d6057fcb0a5d7f952f7376f096a';
const config = (url: string, name = 'origin'): string => `[core]\n\tbare = false\n[remote "${name}"]\n\turl = ${url}\n`;
const project = (fields: string): string => `[project]\n${fields}\n`;
const kj = project(
  'name = "ComfyUI-KJNodes"\nversion = "1.1.2"\n[project.urls]\nRepository = "https://github.com/kijai/ComfyUI-KJNodes"',
);
const detached = { '.git/HEAD': `${commit}\n`, '.git/config': config('https://github.com/kijai/ComfyUI-KJNodes') };
const archive = { '.tracking': '__init__.py\nnodes/a.py\n', 'pyproject.toml': kj };
const look = 'It may be a registry archive: look at it before you update or uninstall it';

const kjNightly = {
  kind: 'nightly',
  id: 'kijai/ComfyUI-KJNodes',
  version: 'nightly',
  name: 'ComfyUI-KJNodes',
  auxId: 'kijai/ComfyUI-KJNodes',
  repo: 'https://github.com/kijai/ComfyUI-KJNodes',
  commit,
  warnings: [],
};
const kjArchive = {
  kind: 'cnr',
  id: 'comfyui-kjnodes',
  version: '1.1.2',
  name: 'ComfyUI-KJNodes',
  cnrId: 'comfyui-kjnodes',
  auxId: 'kijai/ComfyUI-KJNodes',
  warnings: [],
};
const unknown = (why: string, ...warnings: readonly string[]) => ({
  kind: 'unknown',
  name: 'some-directory',
  why,
  warnings,
});
const noMarkers = 'it has neither a git remote nor the `.tracking` of a registry archive';
const unreadable = '`pyproject.toml` is missing or cannot be read';

describe('identify()', () => {
  it.each<readonly [string, Files, unknown]>([
    ['a checkout at a commit', detached, kjNightly],
    [
      'a checkout on a branch',
      { ...detached, '.git/HEAD': 'ref: refs/heads/main\n', '.git/refs/heads/main': `${commit}\n` },
      { ...kjNightly, branch: 'main' },
    ],
    [
      'a branch that git packed',
      {
        ...detached,
        '.git/HEAD': 'ref: refs/heads/a/b\n',
        '.git/packed-refs': `# pack-refs\n${'0'.repeat(40)} refs/heads/x/a/b\n${commit} refs/heads/a/b\n^${'1'.repeat(40)}\n`,
      },
      { ...kjNightly, branch: 'a/b' },
    ],
    [
      'a branch without a commit',
      { ...detached, '.git/HEAD': 'ref: refs/heads/main\n' },
      { ...kjNightly, commit: undefined, branch: 'main' },
    ],
    ['a HEAD that says nothing', { ...detached, '.git/HEAD': 'unknown\n' }, { ...kjNightly, commit: undefined }],
    [
      'a HEAD that points out of its repository',
      { ...detached, '.git/HEAD': 'ref: refs/../../secret\n', secret: commit },
      { ...kjNightly, commit: undefined },
    ],
    [
      'the remote that its branch follows',
      {
        '.git/HEAD': 'ref: refs/heads/main\n',
        '.git/config': `${config('https://github.com/kijai/upstream')}[remote "fork"]\n\turl = https://github.com/Me/Fork\n[branch "main"]\n\tremote = fork\n`,
      },
      {
        ...kjNightly,
        id: 'Me/Fork',
        auxId: 'Me/Fork',
        name: 'Fork',
        repo: 'https://github.com/Me/Fork',
        commit: undefined,
        branch: 'main',
      },
    ],
    [
      'a remote of another name',
      { ...detached, '.git/config': config('https://github.com/kijai/ComfyUI-KJNodes', 'upstream') },
      kjNightly,
    ],
    [
      'a remote whose URL is in quotes, with a comment',
      { ...detached, '.git/config': '[Remote "origin"] URL = "https://github.com/kijai/ComfyUI-KJNodes" ; mine\n' },
      kjNightly,
    ],
    ['an archive', archive, kjArchive],
    [
      'an archive of a name with space around it',
      { ...archive, 'pyproject.toml': kj.replace('"ComfyUI-KJNodes"', '" ComfyUI-KJNodes "') },
      kjArchive,
    ],
    [
      'an archive that says nothing of a repository',
      { ...archive, 'pyproject.toml': project('name = "x"\nversion = "1.0.0"') },
      { kind: 'cnr', id: 'x', version: '1.0.0', name: 'x', cnrId: 'x', warnings: [] },
    ],
    ['directories in .tracking', { ...archive, '.tracking': 'nodes/\r\nnodes/a.py\r\n' }, kjArchive],
    ['an empty .tracking', { ...archive, '.tracking': '' }, kjArchive],
    [
      'git before .tracking',
      { ...detached, ...archive },
      {
        ...kjNightly,
        cnrId: 'comfyui-kjnodes',
        warnings: ['Its `.git` says what it is: remove `.tracking`, which says something else'],
      },
    ],
    [
      'the registry id of a checkout',
      { ...detached, 'pyproject.toml': kj.replaceAll('ComfyUI-KJNodes"\n', 'KJ-Nodes"\n') },
      { ...kjNightly, name: 'KJ-Nodes', cnrId: 'kj-nodes' },
    ],
    ['a checkout with a corrupt pyproject.toml', { ...detached, 'pyproject.toml': '[project' }, kjNightly],
    [
      'git without a remote',
      { '.git/HEAD': 'ref: refs/heads/main\n', '.git/config': '[core]\n' },
      unknown(noMarkers, 'Its `.git` has no remote, which would say what it is'),
    ],
    [
      'a remote without a url',
      { ...detached, '.git/config': '[remote "origin"]\n\tfetch = x\n' },
      unknown(noMarkers, 'Its `.git` has no remote, which would say what it is'),
    ],
    [
      'an archive in which somebody ran git init',
      { ...archive, '.git/HEAD': 'ref: refs/heads/main\n' },
      { ...kjArchive, warnings: ['Its `.git` has no remote, which would say what it is'] },
    ],
    ['a .git file that leads nowhere', { ...archive, '.git': 'gitdir: ../gone\n' }, kjArchive],
    ['a .git file that is none', { ...archive, '.git': 'hello\n' }, kjArchive],
    ['no markers', { '__init__.py': '' }, unknown(noMarkers)],
    ['pyproject.toml alone', { 'pyproject.toml': kj }, unknown(noMarkers)],
    ['.tracking alone', { '.tracking': '__init__.py\n' }, unknown(unreadable, look)],
    ['a corrupt pyproject.toml', { ...archive, 'pyproject.toml': '[project' }, unknown(unreadable, look)],
    ['a pyproject.toml without a project', { ...archive, 'pyproject.toml': '[tool.x]\n' }, unknown(unreadable, look)],
    [
      'a pyproject.toml that is too long',
      { ...archive, 'pyproject.toml': `${kj}#${'x'.repeat(1024 * 1024)}` },
      unknown(unreadable, look),
    ],
    [
      'no version',
      { ...archive, 'pyproject.toml': project('name = "x"') },
      unknown('`pyproject.toml` names no version such as 1.0.2', look),
    ],
    [
      'a version with a path in it',
      { ...archive, 'pyproject.toml': project('name = "x"\nversion = "1.0.0/../x"') },
      unknown('`pyproject.toml` names no version such as 1.0.2', look),
    ],
    [
      'a name with a path in it',
      { ...archive, 'pyproject.toml': project('name = "../x"\nversion = "1.0.0"') },
      unknown('`pyproject.toml` has a name that no pack can have: "../x"', look),
    ],
    [
      'a name that ComfyUI skips',
      { ...archive, 'pyproject.toml': project('name = "x.disabled"\nversion = "1.0.0"') },
      unknown('`pyproject.toml` has a name that no pack can have: "x.disabled"', look),
    ],
    [
      '.tracking that climbs',
      { ...archive, '.tracking': 'a.py\n../../main.py\n' },
      unknown('`.tracking` names what no archive may hold: "../../main.py"', look),
    ],
    [
      '.tracking of an absolute path',
      { ...archive, '.tracking': '/etc/passwd' },
      unknown('`.tracking` names what no archive may hold: "/etc/passwd"', look),
    ],
    [
      '.tracking of a drive',
      { ...archive, '.tracking': 'C:/x' },
      unknown('`.tracking` names what no archive may hold: "C:/x"', look),
    ],
    [
      '.tracking with backslashes',
      { ...archive, '.tracking': 'a\\b' },
      unknown('`.tracking` names what no archive may hold: "a\\\\b"', look),
    ],
    ['.tracking that is a directory', { ...archive, '.tracking': null }, unknown('`.tracking` is not a file', look)],
    [
      '.tracking that is a link',
      { ...archive, '.tracking': { link: 'pyproject.toml' } },
      unknown('`.tracking` is not a file', look),
    ],
    ['a directory that is not there', { '../other': null }, unknown(noMarkers)],
  ])('%s', (_, files, expected) => {
    expect(identify(directoryOf(files))).toEqual(expected);
  });

  it('.tracking that is no text', () => {
    const directory = directoryOf(archive);
    writeFileSync(join(directory, '.tracking'), Buffer.from([0xff, 0xfe, 0x00]));
    expect(identify(directory)).toEqual(unknown('`.tracking` cannot be read as text', look));
  });

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
  const nightlyOf = (url: string, more: Files = {}) =>
    identify(directoryOf({ ...detached, '.git/config': config(url), ...more }));

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
