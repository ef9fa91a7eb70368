import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { splitRepository } from '../../pipelines/documents/split-repository.ts';
import { readSource } from '../../pipelines/import/read-source.ts';
import { commit, directoryOf, imported, refusalOf } from './project.ts';

const sha256 = 'ab'.repeat(32);

describe('splitRepository()', () => {
  it.each([
    ['https://host/r', { repo: 'https://host/r' }],
    ['https://host/r@v1', { repo: 'https://host/r', ref: 'v1' }],
    ['https://host/o/r.git@feature/x', { repo: 'https://host/o/r.git', ref: 'feature/x' }],
    ['https://user@host/r', { repo: 'https://user@host/r' }],
    ['https://user@host/r@v1', { repo: 'https://user@host/r', ref: 'v1' }],
    ['https://user:p@ss@host/r@v1', { repo: 'https://user:p@ss@host/r', ref: 'v1' }],
    [`https://host/r@${commit}`, { repo: 'https://host/r', commit }],
    ['https://host/@scope/r@v1', { repo: 'https://host/@scope/r', ref: 'v1' }],
    ['https://host/r@', { repo: 'https://host/r@' }],
    ['ssh://git@host:22/o/r@v1', { repo: 'ssh://git@host:22/o/r', ref: 'v1' }],
    ['git@host:o/r', { repo: 'git@host:o/r' }],
    ['git@host:o/r@v1', { repo: 'git@host:o/r', ref: 'v1' }],
    ['demo://core@v1', { repo: 'demo://core@v1' }],
    ['./a@b/core', { repo: './a@b/core' }],
    ['./a@b/core@v1', { repo: './a@b/core', ref: 'v1' }],
    ['file:///a@b/core@v1', { repo: 'file:///a@b/core', ref: 'v1' }],
    ['core', { repo: 'core' }],
  ])('%s', (text, expected) => {
    expect(splitRepository(text)).toEqual(expected);
  });
});

describe('a list of nodes', () => {
  it('becomes a version', async () => {
    const { kind, document, lines } = await imported(
      [
        '# what we need',
        '',
        `https://github.com/o/one@${commit}  # pinned`,
        'https://github.com/o/two@v1.2',
        'git@github.com:o/three.git',
        'comfyui-kjnodes@1.1.2',
        'comfyui-impact-pack',
      ].join('\r\n'),
    );
    expect(kind).toBe('a list of nodes');
    expect(document['custom_nodes']).toEqual([
      { name: 'one', repo: 'https://github.com/o/one', commit },
      { name: 'two', repo: 'https://github.com/o/two', ref: 'v1.2' },
      { name: 'three', repo: 'git@github.com:o/three.git' },
      { id: 'comfyui-kjnodes', version: '1.1.2' },
      { id: 'comfyui-impact-pack', version: 'latest' },
    ]);
    expect(lines.slice(1)).toEqual([
      'taken node one 3736581: from git, at its commit',
      'taken node two v1.2: from git, at what this is when it is validated',
      'guessed node three: from git, at its default branch: no commit is named',
      'taken node comfyui-kjnodes 1.1.2: from the registry',
      'guessed node comfyui-impact-pack: from the registry, its latest release: no version is named',
    ]);
  });

  it.each([
    [
      'one line',
      'comfyui-kjnodes\n',
      'guessed node comfyui-kjnodes: from the registry, its latest release: no version is named',
    ],
    ['a byte order mark', '\uFEFFcomfyui-kjnodes@1.0.0', 'taken node comfyui-kjnodes 1.0.0: from the registry'],
    [
      'credentials',
      'https://me:secret@git.example/o/r@v1',
      'taken node r v1: from git, at what this is when it is validated',
    ],
    [
      'a version that is none',
      'comfyui-kjnodes@main',
      'lost node comfyui-kjnodes main: Expected `latest`, `nightly` or a version such as 1.0.2',
    ],
    [
      'a ref that is none',
      'https://host/r@-x',
      'lost node r -x: Expected the name of a branch or tag, as git allows it',
    ],
    ['something else in a URL', 'https://host/r?token=x', 'lost node r: A git URL has no `?` and no `#`'],
  ])('with %s', async (_, text, line) => {
    const { lines } = await imported(text);
    expect(lines.slice(1)).toEqual([line]);
  });

  it('says which lines are none', async () => {
    const problem = 'Expected `<url>@<ref>` or `<id>@<version>`';
    expect(await refusalOf('ok\n-e\n\n--index-url=x\n')).toBe(
      `source: 2 problems\n  line 2: ${problem}\n  line 4: ${problem}`,
    );
  });
});

describe('a comfy-lock.yaml', () => {
  it('becomes a version', async () => {
    const { kind, document, lines } = await imported(
      [
        'models:',
        '  - model: v1-5.safetensors',
        '    url: https://models.example/v1-5.safetensors',
        '    paths: [{ path: models/checkpoints/v1-5.safetensors }, { path: custom_nodes/x/v1-5.safetensors }]',
        `    hashes: [{ hash: abcdef, type: AutoV2 }, { hash: ${sha256}, type: SHA256 }]`,
        '    type: checkpoint',
        '    size_bytes: 12',
        '  - model: weak.safetensors',
        '    url: https://models.example/weak.safetensors',
        '    paths: [{ path: models/vae/weak.safetensors }]',
        '    hashes: [{ hash: abcdef, type: AutoV2 }]',
        '  - { model: homeless.safetensors, url: https://models.example/homeless.safetensors }',
        '  - { model: orphan.safetensors, url: null, paths: [{ path: models/vae/orphan.safetensors }] }',
        'auth: { models.example: "${TOKEN}" }',
        'custom_nodes:',
        `  comfyui: ${commit}`,
        `  git_custom_nodes: { 'https://github.com/o/r': { hash: ${commit}, disabled: false } }`,
        '  file_custom_nodes: []',
      ].join('\n'),
    );
    expect(kind).toBe('a comfy-lock.yaml');
    const source = 'https://models.example/v1-5.safetensors';
    expect(document).toMatchObject({
      comfy: { commit },
      custom_nodes: [{ repo: 'https://github.com/o/r', commit }],
      models: [
        { source, target_path: '$MODELS_DIR/checkpoints/v1-5.safetensors', checksum: `sha256:${sha256}`, size: 12 },
        { source, target_path: '$COMFY_HOME/custom_nodes/x/v1-5.safetensors', checksum: `sha256:${sha256}`, size: 12 },
        { source: 'https://models.example/weak.safetensors', target_path: '$MODELS_DIR/vae/weak.safetensors' },
      ],
    });
    expect(lines.slice(1)).toEqual([
      'taken node r 3736581: from git, at its commit',
      'taken model checkpoints/v1-5.safetensors: with its SHA-256',
      'taken model custom_nodes/x/v1-5.safetensors: with its SHA-256',
      'taken model vae/weak.safetensors: no SHA-256 is known: it is pinned when it is validated',
      'lost AutoV2 of weak.safetensors: a version holds SHA-256 or MD5 alone',
      'lost model homeless.safetensors: nothing says where it goes',
      'lost model orphan.safetensors: no URL is known',
      'lost auth: tokens come from the environment',
    ]);
  });

  it.each([
    [
      'a path that climbs',
      { paths: [{ path: 'models/../../x.safetensors' }] },
      'lost model ../../x.safetensors: A path has no `..`',
    ],
    [
      'a checksum that is none',
      { paths: [{ path: 'models/x.safetensors' }], hashes: [{ hash: 'abc', type: 'SHA256' }] },
      'lost model x.safetensors: Expected sha256:<64 hex characters> or md5:<32 hex characters>',
    ],
  ])('with %s', async (_, fields, line) => {
    const { lines } = await imported({ models: [{ model: 'x', url: 'https://models.example/x', ...fields }] });
    expect(lines.slice(1)).toEqual([line]);
  });

  it('refuses what is of another shape', async () => {
    expect(await refusalOf({ models: [{ model: 'x', paths: 'y' }] })).toBe('source: models[0].paths: Expected a list');
  });
});

describe('anything else', () => {
  const neither =
    'source: Neither a snapshot of ComfyUI-Manager, nor a workflow, a comfy-lock.yaml, or a list of nodes';

  it.each<readonly [string, string | Buffer, string]>([
    ['nothing', '', neither],
    ['an empty object', '{}', neither],
    ['a list', '[1, 2]', neither],
    ['a version', '{"schema_version": 2, "version_id": "x"}', neither],
    ['a sentence', 'hello there, world\n', neither],
    ['bytes', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10]), 'source: Expected UTF-8 text'],
    ['JSON that ends', '{"nodes": [', 'source: line 1, column 12: The text ends too early: Expected a value'],
    [
      'JSON that is too deep',
      `{"nodes": ${'['.repeat(70)}${']'.repeat(70)}}`,
      'source: line 1, column 74: Objects and lists are more than 64 deep',
    ],
    [
      'JSON that reaches for a prototype',
      '{"nodes": [{"__proto__": {}}]}',
      'source: line 1, column 13: The key `__proto__` is not allowed',
    ],
    [
      'YAML that is none',
      'a: [b\nc: d',
      'source: line 2, column 1: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      'a YAML bomb',
      `models: &a [x]\nb: [${Array(101).fill('*a').join(', ')}]`,
      'source: line 2, column 405: Its aliases (`*name`) would unfold without end',
    ],
    [
      '11 MB',
      `{"nodes": "${' '.repeat(11 * 1024 * 1024)}"}`,
      'source: A document has at most 10 MB, this one has 12 MB',
    ],
  ])('%s is refused', async (_, content, message) => {
    expect(await refusalOf(content)).toBe(message);
  });

  it('a pipe is refused: nobody may ever write to it', async () => {
    const pipe = join(directoryOf(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(readSource(pipe, 'pipe')).rejects.toThrow('pipe: Expected a file');
  });
});
