import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { readVersion } from '../../pipelines/documents/version.ts';
import { pngOf, textOf } from '../import/png.ts';
import { startFileServer } from '../rig/file-server.ts';
import { type Bench, openBench } from './rig.ts';
import { listing } from './tree.ts';

let bench: Bench;
beforeEach(() => {
  bench = openBench();
});
afterEach(() => bench[Symbol.dispose]());

const commit = '37365817e82c3d6057fcb0a5d7f952f7376f096a';
const repo = 'https://git.example/core';
const snapshot = {
  comfyui: commit,
  git_custom_nodes: {},
  cnr_custom_nodes: { a: '1.0.0' },
  file_custom_nodes: [],
  pips: {},
};

const create = (...args: readonly string[]) => bench.pipeline(['create', 'mine', ...args]);
const textOfVersion = (): string => readFileSync(join(bench.project, 'versions/mine.json'), 'utf8');

/** The version that was written: its document, which readVersion reads without a word. */
function written(): Readonly<Record<string, unknown>> {
  expect(readVersion({ root: bench.project, id: 'mine' }).warnings).toEqual([]);
  return JSON.parse(textOfVersion()) as Readonly<Record<string, unknown>>;
}

/** Runs a command that must be refused, with this on stderr, and change nothing anywhere. */
async function refused(args: readonly string[], exitCode: number, stderr: string, env = {}): Promise<void> {
  const before = listing(bench.directory);
  expect(await bench.pipeline(args, { env })).toMatchObject({ exitCode, stderr, stdout: '' });
  expect(listing(bench.directory)).toEqual(before);
}

describe('create from flags', () => {
  it('writes a version out of everything that was given', async () => {
    bench.write({
      'lists/nodes.json': [
        {
          name: 'Wrapper',
          repo: 'https://git.example/wrapper',
          commit: 'main',
          target_dir: '$COMFY_HOME/custom_nodes/Wav2Lip',
        },
      ],
      'lists/models.yml':
        'models:\n    - name: vae\n      source: hf://o/r/vae.safetensors\n      target_path: $MODELS_DIR/vae/x.safetensors\n',
    });
    const ended = await create(
      ...['--repo', `${repo}@${commit}`, '--nodes-file', 'lists/nodes.json', '--models-file', 'lists/models.yml'],
      ...['--nodes', 'git@git.example:o/r@feature/x', '--nodes=comfyui-kjnodes@1.1.2'],
      ...['--nodes', '{"repo": "https://git.example/pinned@v1", "install_requirements": false}'],
      ...['--models', '[{"source": "https://files.example/lora.safetensors", "target_subdir": "loras"}]'],
    );
    expect(ended).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: 'Wrote versions/mine.json: `pipeline validate mine` pins it\n',
    });
    expect(written()).toEqual({
      schema_version: 2,
      version_id: 'mine',
      comfy: { repo, commit },
      custom_nodes: [
        { name: 'Wav2Lip', repo: 'https://git.example/wrapper', ref: 'main' },
        { name: 'r', repo: 'git@git.example:o/r', ref: 'feature/x' },
        { id: 'comfyui-kjnodes', version: '1.1.2' },
        { name: 'pinned', repo: 'https://git.example/pinned', ref: 'v1', install_requirements: false },
      ],
      models: [
        { source: 'hf://o/r/vae.safetensors', target_path: '$MODELS_DIR/vae/x.safetensors' },
        { source: 'https://files.example/lora.safetensors', target_path: '$MODELS_DIR/loras/lora.safetensors' },
      ],
    });
  });

  it.each([
    ['a bare list', '- repo: https://git.example/a\n'],
    ['a list below nodes', 'nodes:\n  - repo: https://git.example/a\n'],
    ['a list below custom_nodes', 'custom_nodes: [{ repo: https://git.example/a }]\n'],
    ['JSON below nodes', '{"nodes": [{"repo": "https://git.example/a"}]}'],
    ['one element', 'repo: https://git.example/a\n'],
  ])('reads nodes as %s', async (_, text) => {
    bench.write({ 'list.yaml': text });
    expect((await create('--repo', repo, '--nodes', 'list.yaml')).exitCode).toBe(0);
    expect(written()['custom_nodes']).toEqual([{ name: 'a', repo: 'https://git.example/a' }]);
  });

  it.each([
    ['a bare list', '- source: hf://o/r/x.ckpt\n  path: vae/x.ckpt\n  size: 12\n'],
    ['a list below models', 'models:\n  - { id: x, source: hf://o/r/x.ckpt, target_subdir: vae, size: 12 }\n'],
  ])('reads models as %s', async (_, text) => {
    bench.write({ 'list.yml': text });
    expect((await create('--repo', repo, '--models', 'list.yml')).exitCode).toBe(0);
    expect(written()['models']).toEqual([
      { source: 'hf://o/r/x.ckpt', target_path: '$MODELS_DIR/vae/x.ckpt', size: 12 },
    ]);
  });

  it.each([
    ['https://user@git.example/core@v1', { repo, ref: 'v1' }],
    ['https://user:secret@git.example/core', { repo }],
    [`ssh://git@git.example/core@${commit}`, { repo: 'ssh://git@git.example/core', commit }],
  ])('splits %s', async (text, comfy) => {
    const { exitCode, stdout, stderr } = await create('--repo', text);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(written()['comfy']).toEqual(comfy);
    expect(stdout + textOfVersion()).not.toContain('secret');
  });

  it('takes paths from where the command is given, and writes them from the project', async () => {
    mkdirSync(join(bench.project, 'work'));
    const args = ['create', 'mine', '--repo', './core@v1', '--nodes', '../node'];
    expect((await bench.pipeline(args, { cwd: join(bench.project, 'work') })).exitCode).toBe(0);
    expect(written()).toMatchObject({ comfy: { repo: './work/core', ref: 'v1' }, custom_nodes: [{ repo: './node' }] });
  });

  it('pins models that are there by their bytes', async () => {
    bench.write({ 'store/vae/here.ckpt': 'here' });
    const model = (name: string) => JSON.stringify({ source: `hf://o/r/${name}`, path: `vae/${name}` });
    const ended = await create(
      '--repo',
      repo,
      '--models',
      model('here.ckpt'),
      '--models',
      model('gone.ckpt'),
      '--auto-checksum',
      '--models-root',
      'store',
    );
    expect(ended.stderr).toBe(
      `warning: vae/gone.ckpt gets no checksum: it is not below ${join(bench.project, 'store')}\n`,
    );
    expect(written()['models']).toEqual([
      {
        source: 'hf://o/r/here.ckpt',
        target_path: '$MODELS_DIR/vae/here.ckpt',
        checksum: `sha256:${hash('sha256', 'here')}`,
      },
      { source: 'hf://o/r/gone.ckpt', target_path: '$MODELS_DIR/vae/gone.ckpt' },
    ]);
  });

  it('replaces what is there only when it is told to', async () => {
    expect((await create('--repo', repo)).exitCode).toBe(0);
    const before = textOfVersion();
    await refused(
      ['create', 'mine', '--repo', `${repo}@v2`],
      3,
      'error: Refused to replace versions/mine.json: it is there already\nhint: --force replaces it\n',
    );
    expect((await create('--repo', `${repo}@v2`, '--output', 'other.json')).stdout).toContain('Wrote other.json');
    expect(textOfVersion()).toBe(before);
    expect((await create('--repo', `${repo}@v2`, '--force')).exitCode).toBe(0);
    expect(written()).toMatchObject({ comfy: { repo, ref: 'v2' } });
  });

  const word = 'write <url>@<ref>, <id>@<version>, JSON, or the name of a .json or .yml file';

  it.each<readonly [string, readonly string[], number, string]>([
    [
      'no ComfyUI',
      ['--nodes', 'a@1.0.0'],
      2,
      'A version of which ComfyUI?\nhint: write `pipeline create mine --repo <url>`, or --from a directory, a snapshot or a workflow',
    ],
    [
      'a repository that is none',
      ['--repo', 'core'],
      3,
      '--repo: comfy.repo: Expected a git URL: https://, http://, ssh://, git@host:path or file://',
    ],
    [
      'a ref that is none',
      ['--repo', `${repo}@-x`],
      3,
      '--repo: comfy.ref: Expected the name of a branch or tag, as git allows it',
    ],
    ['nodes in no words', ['--repo', repo, '--nodes', 'two words'], 2, `--nodes cannot read two words\nhint: ${word}`],
    [
      'models in words',
      ['--repo', repo, '--models', 'x.safetensors'],
      2,
      '--models cannot read x.safetensors\nhint: write JSON, or the name of a .json or .yml file',
    ],
    [
      'broken JSON',
      ['--repo', repo, '--nodes', '[{]'],
      3,
      '--nodes: line 1, column 3: Expected a key in double quotes',
    ],
    [
      'a file that is not there',
      ['--repo', repo, '--nodes', 'gone.json'],
      3,
      'gone.json does not exist\nhint: it was named by --nodes',
    ],
    [
      'a list file that is not there',
      ['--repo', repo, '--models-file', 'gone.yml'],
      3,
      'gone.yml does not exist\nhint: it was named by --models',
    ],
    [
      'a file that holds no list',
      ['--repo', repo, '--nodes', 'text.yml'],
      3,
      'text.yml: Expected a list, bare or below `nodes` or `custom_nodes`',
    ],
    [
      'an element that is none',
      ['--repo', repo, '--models', 'bad.yml'],
      3,
      'bad.yml: models[1]: Empty: give at least `source` and `target_path`',
    ],
    [
      'a way out',
      ['--repo', repo, '--models', '{"source": "hf://o/r/x", "path": "../x"}'],
      3,
      '--models: target_path: A path has no `..`',
    ],
    [
      'one directory twice',
      ['--repo', repo, '--nodes', 'https://git.example/a', '--nodes', 'https://git.example/b/a'],
      3,
      '--nodes: https://git.example/b/a: The directory custom_nodes/a is taken by https://git.example/a',
    ],
    [
      'a YAML bomb',
      ['--repo', repo, '--nodes', 'bomb.yml'],
      3,
      'bomb.yml: line 2, column 409: Its aliases (`*name`) would unfold without end',
    ],
    [
      'no models to hash',
      ['--repo', repo, '--auto-checksum'],
      2,
      '--auto-checksum needs models to read\nhint: give --models-root DIR',
    ],
    ['a source that is not there', ['--from', 'gone'], 3, 'gone does not exist'],
    [
      'a directory without ComfyUI',
      ['--from', 'versions'],
      3,
      'ComfyUI in <project>/versions does not exist\nhint: name the directory that has main.py and custom_nodes in it',
    ],
  ])('refuses %s, and writes nothing', async (_, args, exitCode, stderr) => {
    bench.write({
      'text.yml': 'hello\n',
      'bad.yml': 'models:\n  - { source: hf://o/r/x, path: vae/x }\n  - {}\n',
      'bomb.yml': `a: &a {}\nnodes: [${Array(101).fill('*a').join(', ')}]\n`,
    });
    await refused(['create', 'mine', ...args], exitCode, `error: ${stderr.replace('<project>', bench.project)}\n`, {
      MODELS_DIR: '',
    });
  });

  it.each(['../up', '/etc/passwd', '-x', 'a/b'])('refuses the id %s', async (id) => {
    const before = listing(bench.directory);
    const { exitCode, stdout } = await bench.pipeline(['create', '--repo', repo, id]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(listing(bench.directory)).toEqual(before);
  });
});

describe('create --from', () => {
  it('reports a line for each thing, and tells what it read by what is in it', async () => {
    bench.write({ 'some.txt': snapshot });
    const { exitCode, stdout, stderr } = await create('--from', 'some.txt', '--repo', repo);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'Read some.txt: a ComfyUI-Manager snapshot',
        'taken    comfyui 3736581  at the commit of the snapshot',
        'taken    node a 1.0.0     from the registry',
        '2 taken, 0 guessed, 0 lost',
        'Wrote versions/mine.json: `pipeline validate mine` pins it',
        '',
      ].join('\n'),
    );
    expect(written()).toMatchObject({ comfy: { repo, commit }, custom_nodes: [{ id: 'a', version: '1.0.0' }] });
  });

  it('reports as data', async () => {
    bench.write({ 'snapshot.json': { ...snapshot, file_custom_nodes: [{ filename: 'x.py', disabled: false }] } });
    const { stdout } = await create('--from', 'snapshot.json', '--repo', repo, '--json');
    expect(JSON.parse(stdout)).toEqual({
      kind: 'created',
      file: 'versions/mine.json',
      source: 'a ComfyUI-Manager snapshot',
      report: [
        { fate: 'taken', what: 'comfyui 3736581', why: 'at the commit of the snapshot' },
        { fate: 'taken', what: 'node a 1.0.0', why: 'from the registry' },
        { fate: 'lost', what: 'file x.py', why: 'a node in a single file comes from nowhere' },
      ],
    });
  });

  it('shows nothing that steers a terminal, and no secret', async () => {
    bench.write({
      'list.txt': 'https://git.example/r?token=hunter2hunter2\n',
      'x.json': { ...snapshot, cnr_custom_nodes: { 'a\u001b[31m': '1.0.0' } },
    });
    const first = await create('--from', 'list.txt');
    expect(first.stdout).not.toContain('hunter2');
    const second = await create('--from', 'x.json', '--force');
    expect(second.stdout).toContain('lost');
    expect(second.stdout).not.toContain('\u001b');
  });

  it('what was given wins over what was found', async () => {
    bench.write({ 'snapshot.json': snapshot });
    const { stdout } = await create('--from', 'snapshot.json', '--repo', `${repo}@v2`, '--nodes', 'A@2.0.0');
    expect(stdout).toContain('lost     comfyui 3736581  --repo says which one is wanted\n');
    expect(stdout).toContain(
      'lost     node a 1.0.0     The directory custom_nodes/a is taken by another one (--nodes)\n',
    );
    expect(written()).toMatchObject({ comfy: { repo, ref: 'v2' }, custom_nodes: [{ id: 'A', version: '2.0.0' }] });
  });

  it('an unknown commit is refused, and nothing is written', async () => {
    bench.write({
      'snapshot.json': {
        ...snapshot,
        git_custom_nodes: { 'https://git.example/a': { hash: 'unknown', disabled: false } },
      },
    });
    const problem = 'Manager did not know which one it was, so nobody does: write it here, or take the entry out';
    await refused(
      ['create', 'mine', '--from', 'snapshot.json'],
      3,
      `error: snapshot.json: git_custom_nodes.https://git.example/a.hash: ${problem}\n`,
    );
  });

  it('an image that lies is refused, and nothing is written', async () => {
    writeFileSync(join(bench.project, 'x.png'), pngOf({ type: 'tEXt', data: textOf('workflow', '{}'), claim: 99_999 }));
    await refused(
      ['create', 'mine', '--from', 'x.png'],
      3,
      'error: Refused x.png: a chunk says that it is 99999 bytes long, and the file ends before\n',
    );
  });

  describe('a workflow', () => {
    const workflow = { nodes: [{ type: 'KSampler' }, { type: 'Foo' }, { type: 'Bar/Baz' }, { type: 'Nobody' }] };
    const served = { id: 'foo-pack', repository: 'https://github.com/o/foo', name: 'Foo' };

    it('in an image: the registry is asked about its classes', async () => {
      await using server = await startFileServer();
      server.serve('/comfy-nodes/Foo/node', JSON.stringify(served));
      server.serve('/comfy-nodes/Bar%2FBaz/node', JSON.stringify(served));
      const image = pngOf({ type: 'tEXt', data: textOf('workflow', JSON.stringify(workflow)) });
      writeFileSync(join(bench.project, 'x.jpg'), image);
      const ended = await bench.pipeline(['create', 'mine', '--from', 'x.jpg', '--json'], {
        env: { COMFY_REGISTRY_URL: server.origin },
      });
      expect(ended.exitCode).toBe(0);
      expect(server.asked.map(({ path }) => path).toSorted()).toEqual([
        '/comfy-nodes/Bar%2FBaz/node',
        '/comfy-nodes/Foo/node',
        '/comfy-nodes/Nobody/node',
      ]);
      const { report } = JSON.parse(ended.stdout) as { report: readonly unknown[] };
      expect(report.slice(1)).toEqual([
        { fate: 'guessed', what: 'node foo-pack', why: 'from the registry, its latest release: it has Foo and 1 more' },
        { fate: 'lost', what: 'class Nobody', why: 'no pack of the registry has it' },
      ]);
      expect(written()['custom_nodes']).toEqual([{ id: 'foo-pack', version: 'latest' }]);
    });

    it.each([
      ['--offline', ['--offline'], {}],
      ['COMFY_OFFLINE=1', [], { COMFY_OFFLINE: '1' }],
    ])('%s: nobody is asked, and what is not known is said', async (_, flags, env) => {
      await using server = await startFileServer();
      bench.write({ 'x.json': workflow });
      const { exitCode, stdout } = await bench.pipeline(['create', 'mine', '--from', 'x.json', ...flags], {
        env: { ...env, COMFY_REGISTRY_URL: server.origin },
      });
      expect(exitCode).toBe(0);
      expect(server.asked).toEqual([]);
      expect(stdout).toContain(
        'lost     class Foo      nothing says which pack has it, and the registry was not asked\n',
      );
    });

    it('a registry that refuses fails it, and no version is written', async () => {
      await using server = await startFileServer();
      server.serve('/comfy-nodes/Foo/node', '', { always: { fault: 'status', status: 403 } });
      bench.write({ 'x.json': workflow });
      const { exitCode, stdout, stderr } = await bench.pipeline(['create', 'mine', '--from', 'x.json'], {
        env: { COMFY_REGISTRY_URL: server.origin },
      });
      expect(exitCode).toBe(5);
      expect(stdout).toBe('');
      expect(stderr).toContain('403');
      expect(existsSync(join(bench.project, 'versions/mine.json'))).toBe(false);
    });
  });

  it('a ComfyUI directory is read without running anything in it', async () => {
    const programs = bench.at('programs');
    mkdirSync(programs);
    const called = bench.at('called');
    for (const name of ['git', 'python3', 'python', 'pip', 'sh'])
      writeFileSync(join(programs, name), `#!/bin/sh\necho ${name} >>${called}\n`, { mode: 0o755 });
    bench.write({
      'comfy/main.py': '',
      'comfy/.git/HEAD': `${commit}\n`,
      'comfy/.git/config': `[core]\n\tfsmonitor = touch ${called}\n[remote "origin"]\n\turl = ${repo}\n`,
      'comfy/custom_nodes/a/.tracking': 'pyproject.toml\n',
      'comfy/custom_nodes/a/pyproject.toml': '[project]\nname = "a"\nversion = "1.0.0"\n',
      'comfy/models/vae/x.ckpt': 'x',
    });
    const { exitCode } = await bench.pipeline(['create', 'mine', '--from', 'comfy'], { env: { PATH: programs } });
    expect(exitCode).toBe(0);
    expect(existsSync(called)).toBe(false);
    expect(written()).toMatchObject({
      comfy: { repo, commit },
      custom_nodes: [{ id: 'a', version: '1.0.0' }],
      models: [{ source: './comfy/models/vae/x.ckpt', checksum: `sha256:${hash('sha256', 'x')}`, size: 1 }],
    });
  });

  it('--no-hash lists models without reading them', async () => {
    bench.write({ 'comfy/main.py': '', 'comfy/custom_nodes/x': '', 'comfy/models/vae/x.ckpt': 'x' });
    expect((await create('--from', 'comfy', '--no-hash')).exitCode).toBe(0);
    expect(written()['models']).toEqual([
      { source: './comfy/models/vae/x.ckpt', target_path: '$MODELS_DIR/vae/x.ckpt', size: 1 },
    ]);
  });
});
