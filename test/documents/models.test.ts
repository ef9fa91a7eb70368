import { expect, test } from 'vitest';

import { documentWith, messageOf, read } from './project.ts';

const hex = 'a'.repeat(64);

/** An entry of `models`, the model it becomes, and what a person is told. */
const url = 'https://host.example/a/b.safetensors';
const entries: readonly (readonly [
  title: string,
  says: Readonly<Record<string, unknown>>,
  becomes: unknown,
  warnings?: readonly string[],
])[] = [
  [
    'below $MODELS_DIR',
    { source: url, target_path: '$MODELS_DIR/vae/x.pt' },
    { root: 'models', path: 'vae/x.pt', sources: [url] },
  ],
  [
    'below ${MODELS_DIR}',
    { source: url, target_path: '${MODELS_DIR}/vae/x.pt' },
    { root: 'models', path: 'vae/x.pt', sources: [url] },
  ],
  ['at a relative path', { source: url, path: './vae//x.pt' }, { root: 'models', path: 'vae/x.pt', sources: [url] }],
  [
    'inside a node',
    { source: url, target_path: '$COMFY_HOME/custom_nodes/X/ckpt.pth' },
    { root: 'target', path: 'custom_nodes/X/ckpt.pth', sources: [url] },
  ],
  [
    'inside a node, braced',
    { source: url, target_path: '${COMFY_HOME}/models/x.pth' },
    { root: 'target', path: 'models/x.pth', sources: [url] },
  ],
  [
    'by target_subdir and name',
    { source: url, target_subdir: 'unet', name: 'wan2.2-vae' },
    { root: 'models', path: 'unet/wan2.2-vae.safetensors', sources: [url] },
  ],
  [
    'by target_subdir and a whole name',
    { source: url, target_subdir: 'unet/', name: 'x.gguf' },
    { root: 'models', path: 'unet/x.gguf', sources: [url] },
  ],
  [
    'by target_subdir alone',
    { source: `${url}?download=true`, target_subdir: '$MODELS_DIR/unet' },
    { root: 'models', path: 'unet/b.safetensors', sources: [`${url}?download=true`] },
  ],
  [
    'by target_path before target_subdir',
    { source: url, target_subdir: 'unet', target_path: 'vae/x.pt' },
    { root: 'models', path: 'vae/x.pt', sources: [url] },
  ],
  [
    'without an extension anywhere',
    { source: 'civitai://models/1', target_subdir: 'loras', name: 'x' },
    { root: 'models', path: 'loras/x', sources: ['civitai://models/1'] },
    ['models[0].target_subdir: The file gets no extension that ComfyUI knows: give `name` one'],
  ],
  [
    'with sources',
    { source: [url, 'hf://o/r/x'], path: 'x.pt' },
    { root: 'models', path: 'x.pt', sources: [url, 'hf://o/r/x'] },
  ],
  [
    'with the key sources',
    { sources: ['gs://b/x', 'huggingface://o/r/x'], path: 'x.pt' },
    { root: 'models', path: 'x.pt', sources: ['gs://b/x', 'huggingface://o/r/x'] },
  ],
  [
    'from a file of the project',
    { source: 'files/x y.pt', path: 'x.pt' },
    { root: 'models', path: 'x.pt', sources: ['./files/x y.pt'] },
  ],
  [
    'from a file of this machine',
    { source: '/data/x.pt', path: 'x.pt' },
    { root: 'models', path: 'x.pt', sources: ['file:///data/x.pt'] },
    ['models[0].source: Lies outside the project, so other machines do not find it'],
  ],
  [
    'with a token in its source',
    { source: `${url}?type=Model&token=hunter2`, path: 'x.pt' },
    { root: 'models', path: 'x.pt', sources: [`${url}?type=Model`] },
    ['models[0].source: The token in it is ignored: set CIVITAI_TOKEN or HF_TOKEN where you run pipeline'],
  ],
  [
    'with sha256:',
    { source: url, path: 'x.pt', checksum: `SHA256: ${hex.toUpperCase()}` },
    { root: 'models', path: 'x.pt', sources: [url], checksum: { algorithm: 'sha256', hex } },
  ],
  [
    'with a bare checksum',
    { source: url, path: 'x.pt', checksum: hex, size: 5 },
    { root: 'models', path: 'x.pt', sources: [url], checksum: { algorithm: 'sha256', hex }, size: 5 },
  ],
  [
    'with md5:',
    { source: url, path: 'x.pt', checksum: `md5:${hex.slice(32)}` },
    { root: 'models', path: 'x.pt', sources: [url], checksum: { algorithm: 'md5', hex: hex.slice(32) } },
  ],
];

test.each(entries)('readVersion() takes a model %s', (_, says, becomes, warnings = []) => {
  const { version, warnings: told } = read({ models: [says] });
  expect(version.models).toEqual([becomes]);
  expect(told).toEqual(warnings);
});

test('readVersion() takes two entries for one path as mirrors of one model', () => {
  const hub = 'hf://o/r/x.safetensors';
  const page = 'https://huggingface.co/o/r/resolve/main/x.safetensors';
  const { version } = read({
    models: [
      { source: hub, target_path: '$MODELS_DIR/vae/x.safetensors', checksum: hex },
      { source: url, target_path: 'b.safetensors' },
      { source: page, path: 'vae/x.safetensors', size: 5 },
      { source: hub, path: 'vae/x.safetensors' },
    ],
  });
  expect(version.models).toEqual([
    {
      root: 'models',
      path: 'vae/x.safetensors',
      sources: [hub, page],
      checksum: { algorithm: 'sha256', hex },
      size: 5,
    },
    { root: 'models', path: 'b.safetensors', sources: [url] },
  ]);
});

test.each<[entry: unknown, message: string]>([
  [{}, 'models[0]: Empty: give at least `source` and `target_path`'],
  [{ source: url }, 'models[0].target_path: Missing: where does the file go?'],
  [{ target_path: 'x.pt' }, 'models[0].source: Missing'],
  [{ source: [], target_path: 'x.pt' }, 'models[0].source: Missing'],
  [{ source: 5, target_path: 'x.pt' }, 'models[0].source: Expected text or a list of texts'],
  [
    { source: 'ftp://host/x', path: 'x.pt' },
    'models[0].source: Expected a source: https://, http://, hf://, civitai://, gs:// or file://',
  ],
  [{ source: url, path: '../x.pt' }, 'models[0].target_path: A path has no `..`'],
  [{ source: url, path: '$MODELS_DIR/../x.pt' }, 'models[0].target_path: A path has no `..`'],
  [
    { source: url, path: '/models/x.pt' },
    'models[0].target_path: Expected a path that starts with $MODELS_DIR or $COMFY_HOME, or is relative to $MODELS_DIR',
  ],
  [
    { source: url, path: '~/x.pt' },
    'models[0].target_path: Expected a path that starts with $MODELS_DIR or $COMFY_HOME, or is relative to $MODELS_DIR',
  ],
  [
    { source: url, path: '$MODELS_DIRX/x.pt' },
    'models[0].target_path: Unknown variable $MODELS_DIRX; did you mean `MODELS_DIR`?',
  ],
  [{ source: url, path: '${HOME}/x.pt' }, 'models[0].target_path: Unknown variable $HOME'],
  [
    { source: url, path: '${MODELS_DIR/x.pt' },
    'models[0].target_path: Only the beginning may be a variable: $MODELS_DIR or $COMFY_HOME',
  ],
  [
    { source: url, path: 'a/$MODELS_DIR/x.pt' },
    'models[0].target_path: Only the beginning may be a variable: $MODELS_DIR or $COMFY_HOME',
  ],
  [{ source: url, path: '$MODELS_DIR/vae/' }, 'models[0].target_path: Expected the path of a file, not of a directory'],
  [{ source: url, path: '$COMFY_HOME/.git/hooks/x' }, 'models[0].target_path: No part of a model path starts with `.`'],
  [{ source: url, path: '$COMFY_HOME/.pipeline/x' }, 'models[0].target_path: `.pipeline` is not for others'],
  [
    { source: url, path: 'loras\\x.pt' },
    'models[0].target_path: A path has `/` separators, and no `\\` or control characters',
  ],
  [{ source: url, target_subdir: '../x' }, 'models[0].target_subdir: A path has no `..`'],
  [
    { source: url, path: 'x.pt', checksum: 'sha256:...' },
    'models[0].checksum: Expected sha256:<64 hex characters> or md5:<32 hex characters>',
  ],
  [
    { source: url, path: 'x.pt', checksum: hex.slice(32) },
    'models[0].checksum: Expected sha256:<64 hex characters> or md5:<32 hex characters>',
  ],
  [
    { source: url, path: 'x.pt', checksum: `sha1:${hex}` },
    'models[0].checksum: Expected sha256:<64 hex characters> or md5:<32 hex characters>',
  ],
  [{ source: url, path: 'x.pt', size: -1 }, 'models[0].size: Expected at least 0'],
  [{ source: url, path: 'x.pt', size: '5 GB' }, 'models[0].size: Expected a number'],
])('readVersion() of the model %j says %s', (entry, message) => {
  expect(messageOf(documentWith({ models: [entry] }))).toBe(message);
});

test.each<[title: string, second: Readonly<Record<string, unknown>>]>([
  ['from another source', { source: 'https://other.example/x.pt' }],
  ['with another checksum', { source: url, checksum: 'b'.repeat(64) }],
  ['with another size', { source: url, size: 6 }],
])('readVersion() refuses two models for one path, the second %s', (_, second) => {
  const models = [
    { source: url, path: 'vae/x.pt', checksum: hex, size: 5 },
    { path: '$MODELS_DIR/vae/x.pt', ...second },
  ];
  expect(messageOf(documentWith({ models }))).toBe('models[1]: Another file for vae/x.pt than models[0]: keep one');
});
