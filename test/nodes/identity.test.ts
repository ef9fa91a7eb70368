import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { identify } from '../../tasks/tools/nodes/identity.ts';
import {
  archive,
  commit,
  config,
  detached,
  directoryOf,
  type Files,
  kj,
  kjArchive,
  kjNightly,
  look,
  noMarkers,
  project,
  unknown,
} from './markers.ts';

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
    [
      'a repository that is far too long',
      {
        ...archive,
        'pyproject.toml': project(`name = "x"\nversion = "1.0.0"\nurls = { Repository = "${'/'.repeat(900_000)}x" }`),
      },
      { kind: 'cnr', id: 'x', version: '1.0.0', name: 'x', cnrId: 'x', warnings: [] },
    ],
    [
      'a remote that is far too long',
      { ...detached, '.git/config': `[a${' '.repeat(400_000)}\n${config(`${'/'.repeat(400_000)}x`)}` },
      unknown(noMarkers, 'Its `.git` has no remote, which would say what it is'),
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
});
