import { expect, test } from 'vitest';

import { commit, documentWith, messageOf, read } from './project.ts';

const repo = 'https://git.example/x';
const wishes = { install_requirements: true, run_install: false };
const node = { kind: 'git', name: 'x', repo, ...wishes };
const gitUrl = 'Expected a git URL: https://, http://, ssh://, git@host:path or file://';

/** An entry of `custom_nodes`, the node it becomes, and what a person is told. */
const entries: readonly (readonly [title: string, says: unknown, becomes: unknown, warnings?: readonly string[]])[] = [
  [
    'named by its repository',
    { repo: 'https://git.example/My_Nodes.git' },
    { ...node, name: 'My_Nodes', repo: 'https://git.example/My_Nodes.git' },
  ],
  ['named by a scp-like repository', { repo: 'git@git.example:x.git' }, { ...node, repo: 'git@git.example:x.git' }],
  [
    'with every wish',
    { repo, name: 'y', commit, install_requirements: false, run_install: true },
    { ...node, name: 'y', commit, install_requirements: false, run_install: true },
  ],
  ['with a target_dir', { repo, target_dir: '$COMFY_HOME/custom_nodes/x' }, node],
  [
    'whose target_dir is not its name',
    { repo, name: 'Wave', target_dir: '${COMFY_HOME}/custom_nodes/Wav2Lip/' },
    { ...node, name: 'Wav2Lip' },
  ],
  ['with a relative target_dir', { repo, target_dir: 'custom_nodes/x.git' }, { ...node, name: 'x.git' }],
  [
    'from the registry',
    { id: 'comfyui-kjnodes', version: '1.1.2' },
    { kind: 'registry', id: 'comfyui-kjnodes', version: '1.1.2', ...wishes },
  ],
  [
    'from the registry, the latest',
    { id: 'kj', name: 'KJ' },
    { kind: 'registry', id: 'kj', name: 'KJ', version: 'latest', ...wishes },
  ],
  [
    'from the registry, v1.0.2',
    { id: 'kj', version: 'v1.0.2' },
    { kind: 'registry', id: 'kj', version: '1.0.2', ...wishes },
  ],
  [
    'from the registry, nightly',
    { id: 'kj', version: 'nightly' },
    { kind: 'registry', id: 'kj', version: 'nightly', ...wishes },
  ],
  ['from a directory', { path: 'nodes/mine' }, { kind: 'local', name: 'mine', path: './nodes/mine', ...wishes }],
  [
    'from a directory beside the project',
    { path: '../my-node/', name: 'M' },
    { kind: 'local', name: 'M', path: '../my-node', ...wishes },
  ],
  ['from a repository of the project', { repo: './git/x.git' }, { ...node, repo: './git/x.git' }],
  [
    'from a repository of this machine',
    { repo: '/data/x.git' },
    { ...node, repo: 'file:///data/x.git' },
    ['custom_nodes[0].repo: Lies outside the project, so other machines do not find it'],
  ],
];

test.each(entries)('readVersion() takes a node %s', (_, says, becomes, warnings = []) => {
  const { version, warnings: told } = read({ custom_nodes: [says] });
  expect(version.nodes).toEqual([becomes]);
  expect(told).toEqual(warnings);
});

test.each<[entry: unknown, message: string]>([
  ['https://git.example/x', 'custom_nodes[0]: Expected an object'],
  [{}, 'custom_nodes[0]: Does not say where the node comes from: give `repo`, `id` or `path`'],
  [{ repo, id: 'x' }, 'custom_nodes[0]: A node comes from one place: give `repo`, `id` or `path`'],
  [{ repo: 'github.com/x/y' }, `custom_nodes[0].repo: ${gitUrl}`],
  [
    { repo: 'https://u:hunter2@host/x' },
    'custom_nodes[0].repo: A git URL holds no credentials: leave them to the credential helper of git',
  ],
  [{ repo, name: '../../x' }, 'custom_nodes[0].name: Expected the name of one directory, without `/` or `\\`'],
  [{ repo: 'https://git.example/..' }, 'custom_nodes[0].name: The name of a node starts neither with `.` nor with `-`'],
  [
    { repo, target_dir: '/etc/x' },
    'custom_nodes[0].target_dir: Expected $COMFY_HOME/custom_nodes/<name>: a node lies nowhere else',
  ],
  [
    { repo, target_dir: '$COMFY_HOME/custom_nodes/../x' },
    'custom_nodes[0].target_dir: Expected $COMFY_HOME/custom_nodes/<name>: a node lies nowhere else',
  ],
  [
    { repo, target_dir: '$COMFY_HOME/custom_nodes/..' },
    'custom_nodes[0].target_dir: The name of a node starts neither with `.` nor with `-`',
  ],
  [
    { repo, version: '1.0.0' },
    'custom_nodes[0].version: Only a registry node has one: pin a repository with `commit` or `ref`',
  ],
  [{ id: 'x', commit }, 'custom_nodes[0].commit: Only a node with a `repo` has a `commit` or `ref`'],
  [{ path: './x', ref: 'main' }, 'custom_nodes[0].ref: Only a node with a `repo` has a `commit` or `ref`'],
  [{ id: 'x', version: '1.0' }, 'custom_nodes[0].version: Expected `latest`, `nightly` or a version such as 1.0.2'],
  [
    { id: 'a/b' },
    'custom_nodes[0].id: Expected the id of a registry node: letters, digits, `.`, `_` or `-`, such as `comfyui-kjnodes`',
  ],
  [{ path: '/data/x' }, 'custom_nodes[0].path: Expected a path that starts with `./` or `../`'],
  [{ path: '~/x' }, 'custom_nodes[0].path: Expected a path that starts with `./` or `../`'],
  [{ repo, install_requirements: 'often' }, 'custom_nodes[0].install_requirements: Expected true or false'],
])('readVersion() of the node %j says %s', (entry, message) => {
  expect(messageOf(documentWith({ custom_nodes: [entry] }))).toBe(message);
});

test.each<[title: string, nodes: readonly unknown[], message: string]>([
  [
    'one name',
    [{ repo, name: 'a' }, { id: 'A' }],
    'custom_nodes[1]: The directory custom_nodes/a is taken by custom_nodes[0]',
  ],
  [
    'one target_dir',
    [
      { repo, name: 'a' },
      { path: 'p', target_dir: 'custom_nodes/A' },
    ],
    'custom_nodes[1]: The directory custom_nodes/a is taken by custom_nodes[0]',
  ],
  [
    'one name, spelled in two ways',
    [
      { id: 'x', name: '\u00e9' },
      { id: 'y', name: 'e\u0301' },
    ],
    'custom_nodes[1]: The directory custom_nodes/\u00e9 is taken by custom_nodes[0]',
  ],
  [
    'one id',
    [{ id: 'kj', name: 'a' }, { id: 'y' }, { id: 'KJ', name: 'b' }],
    'custom_nodes[2]: The id kj is taken by custom_nodes[0]',
  ],
  [
    'one repository',
    [
      { repo: 'https://github.com/K/X.git', name: 'a' },
      { repo: 'git@github.com:k/x', name: 'b' },
    ],
    'custom_nodes[1]: The repository k/x is taken by custom_nodes[0]',
  ],
])('readVersion() refuses two nodes with %s', (_, nodes, message) => {
  expect(messageOf(documentWith({ custom_nodes: nodes }))).toBe(message);
});
