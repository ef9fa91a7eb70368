import { commit, repo, type Row, sha256, version } from './row.ts';

const nodes = (...custom_nodes: readonly unknown[]) => version({ custom_nodes });
const models = (...entries: readonly unknown[]) => version({ models: entries });
const source = 'https://files.invalid/x.safetensors';
const target_path = 'vae/x.safetensors';

/** Elements of versions: nodes and models. */
export const elements: readonly Row[] = [
  {
    what: 'nodes that are no list',
    files: version({ custom_nodes: {} }),
    says: 'versions/x.json: custom_nodes: Expected a list',
  },
  { what: 'a node that is a text', files: nodes(repo), says: 'versions/x.json: custom_nodes[0]: Expected an object' },
  { what: 'a node that is null', files: nodes(null), says: 'versions/x.json: custom_nodes[0]: Expected an object' },
  {
    what: 'a node from nowhere',
    files: nodes({ name: 'foo' }),
    says: 'versions/x.json: custom_nodes[0]: Does not say where the node comes from: give `repo`, `id` or `path`',
  },
  {
    what: 'a node from two places',
    files: nodes({ id: 'foo', repo: 'https://git.invalid/foo' }),
    says: 'versions/x.json: custom_nodes[0]: A node comes from one place: give `repo`, `id` or `path`',
  },
  {
    what: 'a node whose name escapes',
    files: nodes({ name: '../evil', repo: 'https://git.invalid/foo' }),
    says: 'versions/x.json: custom_nodes[0].name: Expected the name of one directory, without `/` or `\\`',
  },
  {
    what: 'a node whose name is hidden',
    files: nodes({ name: '.git', repo: 'https://git.invalid/foo' }),
    says: 'versions/x.json: custom_nodes[0].name: The name of a node starts neither with `.` nor with `-`',
  },
  {
    what: 'a node whose name ComfyUI skips',
    files: nodes({ name: 'foo.disabled', repo: 'https://git.invalid/foo' }),
    says: 'versions/x.json: custom_nodes[0].name: This name is reserved: ComfyUI skips such directories',
  },
  {
    what: 'a node in a directory elsewhere',
    files: nodes({ repo: 'https://git.invalid/foo', target_dir: '/tmp/foo' }),
    says: 'versions/x.json: custom_nodes[0].target_dir: Expected $COMFY_HOME/custom_nodes/<name>: a node lies nowhere else',
  },
  {
    what: 'a node in a directory that escapes',
    files: nodes({ repo: 'https://git.invalid/foo', target_dir: '$COMFY_HOME/custom_nodes/../../evil' }),
    says: 'versions/x.json: custom_nodes[0].target_dir: Expected $COMFY_HOME/custom_nodes/<name>: a node lies nowhere else',
  },
  {
    what: 'a node from a repository that is an option',
    files: nodes({ name: 'foo', repo: '--upload-pack=touch /tmp/x' }),
    says: 'versions/x.json: custom_nodes[0].repo: A git URL does not start with `-`, and has no spaces, `\\` or control characters',
  },
  {
    what: 'a node at a ref that is an option',
    files: nodes({ repo: 'https://git.invalid/foo', ref: '--exec=x' }),
    says: 'versions/x.json: custom_nodes[0].ref: Expected the name of a branch or tag, as git allows it',
  },
  {
    what: 'a node from a path of nobody',
    files: nodes({ path: '~/foo' }),
    says: 'versions/x.json: custom_nodes[0].path: Expected a path that starts with `./` or `../`',
  },
  {
    what: 'a registry node whose id is a path',
    files: nodes({ id: 'a/b' }),
    says: 'versions/x.json: custom_nodes[0].id: Expected the id of a registry node: letters, digits, `.`, `_` or `-`, such as `comfyui-kjnodes`',
  },
  {
    what: 'a registry node at half a version',
    files: nodes({ id: 'foo', version: '1.0' }),
    says: 'versions/x.json: custom_nodes[0].version: Expected `latest`, `nightly` or a version such as 1.0.2',
  },
  {
    what: 'a registry node at a range',
    files: nodes({ id: 'foo', version: '^1.0.0' }),
    says: 'versions/x.json: custom_nodes[0].version: Expected `latest`, `nightly` or a version such as 1.0.2',
  },
  {
    what: 'a registry node at a commit',
    files: nodes({ id: 'foo', commit }),
    says: 'versions/x.json: custom_nodes[0].commit: Only a node with a `repo` has a `commit` or `ref`',
  },
  {
    what: 'a git node with a version',
    files: nodes({ repo: 'https://git.invalid/foo', version: '1.0.0' }),
    says: 'versions/x.json: custom_nodes[0].version: Only a registry node has one: pin a repository with `commit` or `ref`',
  },
  {
    what: 'a local node at a ref',
    files: nodes({ path: './foo', ref: 'main' }),
    says: 'versions/x.json: custom_nodes[0].ref: Only a node with a `repo` has a `commit` or `ref`',
  },
  {
    what: 'a wish that is neither yes nor no',
    files: nodes({ repo: 'https://git.invalid/foo', install_requirements: 'maybe' }),
    says: 'versions/x.json: custom_nodes[0].install_requirements: Expected true or false',
  },
  {
    what: 'two nodes in one directory',
    files: nodes({ name: 'foo', repo: 'https://git.invalid/a' }, { name: 'Foo', repo: 'https://git.invalid/b' }),
    says: 'versions/x.json: custom_nodes[1]: The directory custom_nodes/foo is taken by custom_nodes[0]',
  },
  {
    what: 'two nodes from one repository',
    files: nodes({ name: 'a', repo: 'https://git.invalid/foo' }, { name: 'b', repo: 'https://git.invalid/foo.git' }),
    says: 'versions/x.json: custom_nodes[1]: The repository https://git.invalid/foo is taken by custom_nodes[0]',
  },
  {
    what: 'two nodes with one id',
    files: nodes({ name: 'a', id: 'foo' }, { name: 'b', id: 'Foo' }),
    says: 'versions/x.json: custom_nodes[1]: The id foo is taken by custom_nodes[0]',
  },
  {
    what: 'models that are no list',
    files: version({ models: { vae: source } }),
    says: 'versions/x.json: models: Expected a list',
  },
  {
    what: 'a model that is empty',
    files: models({}),
    says: 'versions/x.json: models[0]: Empty: give at least `source` and `target_path`',
  },
  { what: 'a model that is a text', files: models(source), says: 'versions/x.json: models[0]: Expected an object' },
  {
    what: 'a model without a source',
    files: models({ target_path }),
    says: 'versions/x.json: models[0].source: Missing',
  },
  {
    what: 'a model without a place',
    files: models({ source }),
    says: 'versions/x.json: models[0].target_path: Missing: where does the file go?',
  },
  {
    what: 'a model whose path escapes',
    files: models({ source, target_path: '$MODELS_DIR/../x.safetensors' }),
    says: 'versions/x.json: models[0].target_path: A path has no `..`',
  },
  {
    what: 'a model whose path is absolute',
    files: models({ source, target_path: '/etc/passwd' }),
    says: 'versions/x.json: models[0].target_path: Expected a path that starts with $MODELS_DIR or $COMFY_HOME, or is relative to $MODELS_DIR',
  },
  {
    what: 'a model below an unknown variable',
    files: models({ source, target_path: '$MODEL_DIR/vae/x.safetensors' }),
    says: 'versions/x.json: models[0].target_path: Unknown variable $MODEL_DIR; did you mean `MODELS_DIR`?',
  },
  {
    what: 'a model with a variable in the middle',
    files: models({ source, target_path: 'vae/$NAME/x.safetensors' }),
    says: 'versions/x.json: models[0].target_path: Only the beginning may be a variable: $MODELS_DIR or $COMFY_HOME',
  },
  {
    what: 'a model whose path is a directory',
    files: models({ source, target_path: 'vae/' }),
    says: 'versions/x.json: models[0].target_path: Expected the path of a file, not of a directory',
  },
  {
    what: 'a model that is hidden',
    files: models({ source, target_path: 'vae/.x' }),
    says: 'versions/x.json: models[0].target_path: No part of a model path starts with `.`',
  },
  {
    what: 'a model among our own records',
    files: models({ source, target_path: '$COMFY_HOME/.pipeline/x' }),
    says: 'versions/x.json: models[0].target_path: `.pipeline` is not for others',
  },
  {
    what: 'a model whose directory escapes',
    files: models({ source, name: 'x', target_subdir: '../vae' }),
    says: 'versions/x.json: models[0].target_subdir: A path has no `..`',
  },
  {
    what: 'half a checksum',
    files: models({ source, target_path, checksum: 'sha256:beef' }),
    says: 'versions/x.json: models[0].checksum: Expected sha256:<64 hex characters> or md5:<32 hex characters>',
  },
  {
    what: 'a checksum of another kind',
    files: models({ source, target_path, checksum: `sha1:${'a'.repeat(40)}` }),
    says: 'versions/x.json: models[0].checksum: Expected sha256:<64 hex characters> or md5:<32 hex characters>',
  },
  {
    what: 'a size below nothing',
    files: models({ source, target_path, size: -1 }),
    says: 'versions/x.json: models[0].size: Expected at least 0',
  },
  {
    what: 'a size as text',
    files: models({ source, target_path, size: '12' }),
    says: 'versions/x.json: models[0].size: Expected a number',
  },
  {
    what: 'a source of another protocol',
    files: models({ source: 'ftp://files.invalid/x', target_path }),
    says: 'versions/x.json: models[0].source: Expected a source: https://, http://, hf://, civitai://, gs:// or file://',
  },
  {
    what: 'a source with a password',
    files: models({ source: 'https://me:hunter2@files.invalid/x', target_path }),
    says: 'versions/x.json: models[0].source: A source holds no user name and no password',
  },
  {
    what: 'a repository of Hugging Face without a file',
    files: models({ source: 'hf://org/repo', target_path }),
    says: 'versions/x.json: models[0].source: Names no file of a repository: write hf://organisation/repository@revision/path',
  },
  {
    what: 'a page of Civitai',
    files: models({ source: 'civitai://some-model', target_path }),
    says: 'versions/x.json: models[0].source: Names no model version: write civitai://models/<number>',
  },
  {
    what: 'a bucket without an object',
    files: models({ source: 'gs://bucket', target_path }),
    says: 'versions/x.json: models[0].source: Names no object: write gs://bucket/path',
  },
  {
    what: 'two files at one path',
    files: models({ source, target_path }, { source: 'https://files.invalid/y.safetensors', target_path }),
    says: 'versions/x.json: models[1]: Another file for vae/x.safetensors than models[0]: keep one',
  },
  {
    what: 'two checksums of one file',
    files: models({ source, target_path, checksum: sha256 }, { source, target_path, checksum: 'b'.repeat(64) }),
    says: 'versions/x.json: models[1]: Another file for vae/x.safetensors than models[0]: keep one',
  },
];
