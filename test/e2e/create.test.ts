import { hash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { commit, making, refusal, repo } from './making.ts';

const on = making();

const model = (name: string): string => JSON.stringify({ source: `hf://o/r/${name}`, path: `vae/${name}` });

describe('create from flags', () => {
  it('writes a version out of everything that was given', async () => {
    on.bench.write({
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
    const args = [
      ['--repo', `${repo}@${commit}`],
      ['--nodes-file', 'lists/nodes.json'],
      ['--models-file', 'lists/models.yml'],
      ['--nodes', 'git@git.example:o/r@feature/x'],
      ['--nodes=comfyui-kjnodes@1.1.2'],
      ['--nodes', '{"repo": "https://git.example/pinned@v1", "install_requirements": false}'],
      ['--models', '[{"source": "https://files.example/lora.safetensors", "target_subdir": "loras"}]'],
    ];
    const ended = await on.bench.pipeline(['create', ...args.flat(), 'mine']);
    expect(ended).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: 'Wrote versions/mine.json: `pipeline validate mine` pins it\n',
    });
    expect(on.written()).toEqual({
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
    on.bench.write({ 'list.yaml': text });
    expect((await on.create('--repo', repo, '--nodes', 'list.yaml')).exitCode).toBe(0);
    expect(on.written()['custom_nodes']).toEqual([{ name: 'a', repo: 'https://git.example/a' }]);
  });

  it.each([
    ['a bare list', '- source: hf://o/r/x.ckpt\n  path: vae/x.ckpt\n  size: 12\n'],
    ['a list below models', 'models:\n  - { id: x, source: hf://o/r/x.ckpt, target_subdir: vae, size: 12 }\n'],
  ])('reads models as %s', async (_, text) => {
    on.bench.write({ 'list.yml': text });
    expect((await on.create('--repo', repo, '--models', 'list.yml')).exitCode).toBe(0);
    expect(on.written()['models']).toEqual([
      { source: 'hf://o/r/x.ckpt', target_path: '$MODELS_DIR/vae/x.ckpt', size: 12 },
    ]);
  });

  it.each([
    ['https://user@git.example/core@v1', { repo, ref: 'v1' }],
    ['https://user:secret@git.example/core', { repo }],
    [`ssh://git@git.example/core@${commit}`, { repo: 'ssh://git@git.example/core', commit }],
  ])('splits %s, and writes no credentials', async (text, comfy) => {
    const { exitCode, stdout, stderr } = await on.create('--repo', text);
    expect(exitCode).toBe(0);
    expect(on.written()['comfy']).toEqual(comfy);
    const warned = stderr.includes('is written without its user name: git asks its credential helper\n');
    expect(warned).toBe(text.startsWith('https:'));
    expect(stdout + stderr + on.text()).not.toContain('secret');
  });

  it('takes paths from where the command is given, and writes them from the project', async () => {
    mkdirSync(join(on.bench.project, 'work'));
    const args = ['create', 'mine', '--repo', './core@v1', '--nodes', '../node'];
    expect((await on.bench.pipeline(args, { cwd: join(on.bench.project, 'work') })).exitCode).toBe(0);
    expect(on.written()).toMatchObject({
      comfy: { repo: './work/core', ref: 'v1' },
      custom_nodes: [{ repo: './node' }],
    });
  });

  it('pins models that are there by their bytes', async () => {
    on.bench.write({ 'store/vae/here.ckpt': 'here' });
    const ended = await on.create(
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
      `warning: vae/gone.ckpt gets no checksum: it is not below ${join(on.bench.project, 'store')}\n`,
    );
    expect(on.written()['models']).toEqual([
      {
        source: 'hf://o/r/here.ckpt',
        target_path: '$MODELS_DIR/vae/here.ckpt',
        checksum: `sha256:${hash('sha256', 'here')}`,
      },
      { source: 'hf://o/r/gone.ckpt', target_path: '$MODELS_DIR/vae/gone.ckpt' },
    ]);
  });

  it('replaces what is there only when it is told to', async () => {
    expect((await on.create('--repo', repo)).exitCode).toBe(0);
    const before = on.text();
    expect(await on.attempt(['create', 'mine', '--repo', `${repo}@v2`])).toEqual(
      refusal(3, 'error: Refused to replace versions/mine.json: it is there already\nhint: --force replaces it\n'),
    );
    expect((await on.create('--repo', `${repo}@v2`, '--output', 'other.json')).stdout).toContain('Wrote other.json');
    expect(on.text()).toBe(before);
    expect((await on.create('--repo', `${repo}@v2`, '--force')).exitCode).toBe(0);
    expect(on.written()).toMatchObject({ comfy: { repo, ref: 'v2' } });
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
    on.bench.write({
      'text.yml': 'hello\n',
      'bad.yml': 'models:\n  - { source: hf://o/r/x, path: vae/x }\n  - {}\n',
      'bomb.yml': `a: &a {}\nnodes: [${Array(101).fill('*a').join(', ')}]\n`,
    });
    expect(
      await on.attempt(['create', 'mine', ...args], {
        MODELS_DIR: '',
      }),
    ).toEqual(refusal(exitCode, `error: ${stderr.replace('<project>', on.bench.project)}\n`));
  });

  it.each(['../up', '/etc/passwd', '-x', 'a/b'])('refuses the id %s', async (id) => {
    const attempt = await on.attempt(['create', '--repo', repo, id]);
    expect(attempt).toMatchObject({ exitCode: 2, stdout: '', changed: [] });
  });
});
