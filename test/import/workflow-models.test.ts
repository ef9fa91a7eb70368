import { describe, expect, it } from 'vitest';

import { model, node, workflow } from './nodes.ts';
import { imported } from './project.ts';

describe('models of a workflow', () => {
  it.each<readonly [string, unknown, string, Readonly<Record<string, unknown>> | undefined]>([
    [
      'no hash',
      model,
      'taken model vae/x.safetensors: no SHA-256 is known: it is pinned when it is validated',
      { source: model.url },
    ],
    [
      'another hash',
      { ...model, hash: 'abc', hash_type: 'AutoV2' },
      'taken model vae/x.safetensors: no SHA-256 is known: it is pinned when it is validated',
      { source: model.url },
    ],
    [
      'the URL of a page',
      { ...model, url: 'https://huggingface.co/o/r/blob/main/x.safetensors' },
      'guessed model vae/x.safetensors: its URL is that of a page: the file behind it is taken, no SHA-256 is known: it is pinned when it is validated',
      { source: 'https://huggingface.co/o/r/resolve/main/x.safetensors' },
    ],
    [
      'backslashes',
      { ...model, name: 'sub\\x.safetensors' },
      'taken model vae/sub/x.safetensors: no SHA-256 is known: it is pinned when it is validated',
      { target_path: '$MODELS_DIR/vae/sub/x.safetensors' },
    ],
    [
      'a way out',
      { ...model, directory: '../../etc' },
      'lost model ../../etc/x.safetensors: A path has no `..`',
      undefined,
    ],
    [
      'a source of nobody',
      { ...model, url: 'ftp://x/y' },
      'lost model vae/x.safetensors: Expected a source: https://, http://, hf://, civitai://, gs:// or file://',
      undefined,
    ],
  ])('an embedded model with %s', async (_, embedded, line, entry) => {
    const { lines, document } = await imported(workflow(node('VAELoader', { models: [embedded] })));
    expect(lines.slice(1)).toEqual([line]);
    expect(document['models']).toMatchObject(entry === undefined ? [] : [entry]);
  });

  it('models of the whole file, each once', async () => {
    const { document } = await imported({
      ...workflow(node('VAELoader', { models: [model] })),
      models: [model, { ...model, name: 'y.safetensors' }],
    });
    expect(document['models']).toHaveLength(2);
  });

  it('a token in a URL is left out, and said', async () => {
    const { document, warnings } = await imported(
      workflow(node('VAELoader', { models: [{ ...model, url: `${model.url}?token=secret` }] })),
    );
    expect(JSON.stringify(document)).not.toContain('secret');
    expect(warnings.join()).toMatch(/The token in it is ignored/);
  });

  it('names the model files that nothing says anything about', async () => {
    const { lines } = await imported(
      workflow(
        node('LoraLoader', {}, ['a.safetensors', 1, 'not a model', 'https://x/y.safetensors']),
        node('PowerLora', { cnr_id: 'p', ver: '1.0.0' }, { first: { lora: 'sub\\b.gguf', on: true } }),
        node('VAELoader', { models: [model] }, ['sub/x.safetensors']),
      ),
    );
    expect(lines.filter((line) => line.startsWith('lost'))).toEqual([
      'lost model a.safetensors: LoraLoader uses it, and nothing says where it comes from',
      'lost model sub\\b.gguf: PowerLora uses it, and nothing says where it comes from',
    ]);
  });
});
