import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { readVersion } from '../../pipelines/documents/version.ts';
import { core, named, pair, read, repo, type Row, unpinned, withoutFile } from './generation-1.ts';
import { commit, project } from './project.ts';

const wishes = { install_requirements: true, run_install: false };

const rows: readonly Row[] = [
  ['an unpinned core', { comfyui: { repo, commit: null } }, { core: { repo } }, [`comfyui: ${unpinned}`]],
  ['a branch as commit', { comfyui: { repo, commit: 'main' } }, { core: { repo, ref: 'main' } }],
  [
    'a core that is nowhere on this machine',
    { comfyui: { repo: null, commit, path: '/Users/a/ComfyUI' } },
    { core: { repo: 'https://github.com/comfyanonymous/ComfyUI', commit } },
    [
      'comfyui: No `repo`, and /Users/a/ComfyUI is no git repository of this machine: ComfyUI is taken from https://github.com/comfyanonymous/ComfyUI',
    ],
  ],
  [
    'the repository around a core without .git',
    { comfyui: { repo: 'https://git.example/control', commit, path: '/Users/a/ComfyUI' } },
    { core: { repo: 'https://git.example/control' } },
    [
      'A `path` beside a `repo` is not used: /Users/a/ComfyUI',
      'comfyui.repo: Is ComfyUI in it? The directory was called ComfyUI; without a .git of its own, the repository around it was recorded',
    ],
  ],
  [
    'paths of another machine',
    {
      comfyui: { repo, commit, path: '/Users/a/ComfyUI' },
      custom_nodes: [{ name: 'x', repo: 'https://git.example/x', commit, path: '/Users/a/ComfyUI/custom_nodes/x' }],
    },
    { core, nodes: [{ kind: 'git', name: 'x', repo: 'https://git.example/x', commit, ...wishes }] },
    ['A `path` beside a `repo` is not used: /Users/a/ComfyUI and 1 more'],
  ],
  [
    'a node without a name',
    { custom_nodes: [{ repo: 'https://git.example/b/x.git', commit }] },
    { nodes: [{ kind: 'git', name: 'x' }] },
  ],
  [
    'an unpinned node',
    { custom_nodes: [{ name: 'x', repo: 'https://git.example/x', commit: null, path: '' }] },
    { nodes: [{ kind: 'git', name: 'x', repo: 'https://git.example/x', ...wishes }] },
    [`custom_nodes[0]: ${unpinned}`],
  ],
  [
    'a node that is nowhere on this machine',
    { custom_nodes: [{ name: 'x', repo: null, commit: null, path: '/Users/a/x' }] },
    { nodes: [] },
    ['custom_nodes[0]: Left out (x): it has no `repo`, and /Users/a/x is no directory of this machine'],
  ],
  [
    'a node with nothing but a name',
    { custom_nodes: [{ name: 'x' }] },
    { nodes: [] },
    ['custom_nodes[0]: Left out (x): it has no `repo`, and no `path`'],
  ],
  [
    'one repository twice, the second without commit',
    {
      custom_nodes: [
        { name: 'ComfyUI-X', repo: 'https://github.com/a/ComfyUI-X.git', commit },
        { name: 'X', repo: 'https://github.com/a/comfyui-x', commit: null, path: '' },
      ],
    },
    { nodes: [{ name: 'ComfyUI-X', commit }] },
    ['custom_nodes[1]: Left out (X): custom_nodes[0] (ComfyUI-X) is the same repository, and has a commit'],
  ],
  [
    'one repository twice, the first without commit',
    {
      custom_nodes: [
        { name: 'X', repo: 'https://github.com/a/comfyui-x' },
        { name: 'ComfyUI-X', repo: 'https://github.com/a/ComfyUI-X.git', commit },
      ],
    },
    { nodes: [{ name: 'ComfyUI-X', commit }] },
    ['custom_nodes[0]: Left out (X): custom_nodes[1] (ComfyUI-X) is the same repository, and has a commit'],
  ],
  [
    'one repository twice, at two commits',
    {
      custom_nodes: [
        { name: 'a', repo: 'https://git.example/x', commit },
        { name: 'b', repo: 'https://git.example/x/', commit: 'a'.repeat(40) },
      ],
    },
    { nodes: [{ name: 'a', commit }] },
    ['custom_nodes[1]: Left out (b): custom_nodes[0] (a) is the same repository'],
  ],
];

test.each(named(rows))('a generation 1 lock with $title', ({ says, becomes, warnings }) => {
  const { version, warnings: told } = read(says);
  expect(version).toMatchObject(becomes);
  expect(told).toEqual(warnings);
});

test('directories that are on this machine are taken: a node as it is, a core when it is a repository', () => {
  const elsewhere = project({ 'node/__init__.py': '', 'core/.git/HEAD': '' });
  const root = pair({
    comfyui: { commit, path: join(elsewhere, 'core') },
    custom_nodes: [{ name: 'out', path: join(elsewhere, 'node') }, { path: 'nodes/in' }],
  });
  mkdirSync(join(root, 'nodes/in'), { recursive: true });
  const { version, warnings } = readVersion({ root, id: 'old' });
  expect(version.core).toEqual({ repo: `file://${elsewhere}/core`, commit });
  expect(version.nodes).toMatchObject([
    { kind: 'local', name: 'out', path: expect.stringMatching(/^(\.\.\/)+.*\/node$/) },
    { kind: 'local', name: 'in', path: './nodes/in' },
  ]);
  const outside = 'Lies outside the project, so other machines do not find it';
  expect(warnings.map(withoutFile)).toEqual([`comfyui.repo: ${outside}`, `custom_nodes[0].path: ${outside}`]);
});
