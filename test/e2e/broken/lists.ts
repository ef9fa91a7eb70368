import { crc32 } from 'node:zlib';

import { commit, repo, type Row } from './row.ts';

const create = ['create', 'x', '--repo', repo] as const;
const nodes = (content: unknown, name = 'nodes.yml') => ({
  files: { [name]: content },
  args: [...create, '--nodes', name],
});
const models = (content: unknown, name = 'models.yml') => ({
  files: { [name]: content },
  args: [...create, '--models', name],
});
const from = (content: unknown, name: string) => ({
  files: { [name]: content },
  args: ['create', 'x', '--from', name],
});
const bomb = Array.from('bcdefghi').reduce(
  (text, name, n) => `${text}${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[n]}`).join(',')}]\n`,
  'a: &a [x,x,x,x,x,x,x,x,x]\n',
);
const snapshot = { comfyui: commit, git_custom_nodes: {}, cnr_custom_nodes: {}, file_custom_nodes: [] };
/** One piece of a PNG file. */
function chunk(type: string, data: string): Buffer {
  const body = Buffer.from(type + data);
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(data.length, 0);
  numbers.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([numbers.subarray(0, 4), body, numbers.subarray(4)]);
}
const png = (...chunks: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from('\u0089PNG\r\n\u001A\n', 'latin1'), ...chunks]);

/** Lists and files of other tools, YAML and JSON, that versions are made of. */
export const lists: readonly Row[] = [
  {
    what: 'a tag',
    ...nodes('- !!python/object:os.system x\n'),
    says: 'nodes.yml: line 1, column 3: Tags (`!name`) are not allowed',
  },
  {
    what: 'aliases that unfold without end',
    ...nodes(bomb),
    says: 'nodes.yml: Its aliases (`*name`) would unfold without end',
  },
  {
    what: 'a key twice',
    ...nodes('- repo: https://git.invalid/a\n  repo: https://git.invalid/b\n'),
    says: 'nodes.yml: line 2, column 3: The key `repo` stands twice in one mapping',
  },
  {
    what: 'a key that means something to the runtime',
    ...nodes('- __proto__: {}\n'),
    says: 'nodes.yml: line 1, column 3: The key `__proto__` is not allowed',
  },
  {
    what: '65 levels',
    ...nodes('['.repeat(65)),
    says: 'nodes.yml: line 1, column 65: Objects and lists are more than 64 deep',
  },
  {
    what: 'two documents',
    ...nodes('- a\n---\n- b\n'),
    says: 'nodes.yml: line 2, column 1: Expected one document, and found another one after `---`',
  },
  {
    what: 'more than 1 MB',
    ...nodes(`# ${'x'.repeat(1_000_000)}`),
    says: 'nodes.yml: A YAML document has at most 1 MB',
  },
  {
    what: 'more words than anybody writes',
    ...nodes('- a\n'.repeat(60_000)),
    says: 'nodes.yml: line 40000, column 4: A YAML document has at most 200000 words and marks',
  },
  {
    what: 'a number that is none',
    ...models(`- size: ${'9'.repeat(30)}\n`),
    says: 'models.yml: line 1, column 9: This number is too large: put it in quotes',
  },
  {
    what: 'a tab',
    ...nodes('- repo: x\n\tref: main\n'),
    says: 'nodes.yml: line 2, column 2: Expected spaces: YAML does not take tabs before a line',
  },
  {
    what: 'a list that is one word',
    ...nodes('foo\n'),
    says: 'nodes.yml: Expected a list, bare or below `nodes` or `custom_nodes`',
  },
  {
    what: 'a list below another name',
    ...models('nodes:\n  - a\n'),
    says: 'models.yml: Expected a list, bare or below `models`',
  },
  {
    what: 'JSON that breaks off',
    ...nodes('[{"repo": ', 'nodes.json'),
    says: 'nodes.json: line 1, column 11: The text ends too early: Expected a value',
  },
  {
    what: 'a list that is not there',
    files: {},
    args: [...create, '--models', 'gone.json'],
    says: 'gone.json does not exist\nhint: it was named by --models',
  },
  {
    what: 'an element that is broken',
    ...nodes('- repo: https://git.invalid/a\n- name: foo\n'),
    says: 'nodes.yml: [1]: Does not say where the node comes from: give `repo`, `id` or `path`',
  },
  {
    what: 'a model that is broken',
    ...models('- source: ftp://files.invalid/x\n  path: vae/x.pt\n'),
    says: 'models.yml: [0].source: Expected a source: https://, http://, hf://, civitai://, gs:// or file://',
  },
  {
    what: 'JSON on the command line that is none',
    files: {},
    args: [...create, '--nodes', '{"repo": x}'],
    says: '--nodes: line 1, column 10: Expected a value',
  },
  {
    what: 'a snapshot that does not know a commit',
    ...from({ ...snapshot, git_custom_nodes: { 'https://git.invalid/foo': { hash: 'unknown\n' } } }, 'snapshot.json'),
    says: 'snapshot.json: git_custom_nodes.https://git.invalid/foo.hash: Manager did not know which one it was, so nobody does: write it here, or take the entry out',
  },
  {
    what: 'a snapshot with half a commit',
    ...from({ ...snapshot, comfyui: 'abc' }, 'snapshot.json'),
    says: 'snapshot.json: comfyui: Expected a full commit: 40 lower-case hex characters',
  },
  {
    what: 'a snapshot whose nodes are a list',
    ...from({ ...snapshot, git_custom_nodes: [] }, 'snapshot.yaml'),
    says: 'snapshot.yaml: git_custom_nodes: Expected an object',
  },
  {
    what: 'a lock of comfy-cli with a broken model',
    ...from('models:\n  - model: x\n    url: 5\n', 'comfy-lock.yaml'),
    says: 'comfy-lock.yaml: models[0].url: Expected text',
  },
  {
    what: 'a list of nodes with a word that is none',
    ...from('comfyui-foo@1.0.0\n@1.0\n', 'nodes.txt'),
    says: 'nodes.txt: line 2: Expected `<url>@<ref>` or `<id>@<version>`',
  },
  {
    what: 'a version',
    ...from({ schema_version: 2, version_id: 'y' }, 'y.json'),
    says: 'y.json: Neither a snapshot of ComfyUI-Manager, nor a workflow, a comfy-lock.yaml, or a list of nodes\nhint: it looks like a version or its lock: `pipeline realize --spec` and `--lock` read those as they are',
  },
  {
    what: 'a file of something else',
    ...from({ name: 'package' }, 'package.json'),
    says: 'package.json: Neither a snapshot of ComfyUI-Manager, nor a workflow, a comfy-lock.yaml, or a list of nodes\nhint: `--nodes` and `--models` read lists whose elements are as in a version',
  },
  {
    what: 'an image without a workflow',
    ...from(png(chunk('IEND', '')), 'image.png'),
    says: 'image.png: This image carries no workflow\nhint: ComfyUI writes it into PNG files; whoever sends images on may take it out',
  },
  {
    what: 'an image that breaks off',
    ...from(png().subarray(0, 8), 'image.png'),
    says: 'Refused image.png: it ends before its last chunk',
  },
  {
    what: 'an image with a broken workflow',
    ...from(png(chunk('tEXt', 'workflow\0{'), chunk('IEND', '')), 'image.png'),
    says: 'image.png (workflow): line 1, column 2: The text ends too early: Expected a key in double quotes',
  },
  {
    what: 'an image with a damaged text',
    ...from(png(chunk('tEXt', 'workflow\0{}').subarray(0, -1), Buffer.from('!'), chunk('IEND', '')), 'image.png'),
    says: 'Refused image.png: the checksum of a text in it is wrong',
  },
  {
    what: 'a workflow that is none',
    ...from({ nodes: {} }, 'workflow.json'),
    says: 'workflow.json: Neither a snapshot of ComfyUI-Manager, nor a workflow, a comfy-lock.yaml, or a list of nodes\nhint: `--nodes` and `--models` read lists whose elements are as in a version',
  },
  {
    what: 'bytes that are no text',
    ...from(Buffer.from([0xff, 0xfe, 0x00]), 'list.txt'),
    says: 'list.txt: Expected UTF-8 text',
  },
  {
    what: 'a file that is not there',
    files: {},
    args: ['create', 'x', '--from', 'gone.json'],
    says: 'gone.json does not exist',
  },
];
