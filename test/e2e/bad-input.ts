const commit = 'c'.repeat(40);
/** A digest of nothing. */
export const sha256 = 'a'.repeat(64);

/** The version that all the others differ from. */
export const good = { schema_version: 2, version_id: 'good', comfy: { repo: 'https://git.invalid/core', commit } };
const node = { kind: 'git', name: 'alpha', repo: 'https://git.invalid/alpha', commit };
const model = { path: 'vae/x.safetensors', root: 'models', sources: ['https://files.invalid/x'], sha256, size: 1 };
/** What its lockfile pins. */
export const pins = { core: { repo: 'https://git.invalid/core', commit }, nodes: [], models: [] };
/** And for Python. */
export const python = { version: '3', platforms: [{ platform: 'any', wheels: [] }] };

const source = 'https://files.invalid/x.safetensors';
const withNode = (entry: unknown) => ({ version: { ...good, custom_nodes: [entry] } });
const withModel = (entry: unknown) => ({ version: { ...good, models: [entry] } });
const withPins = (change: unknown) => ({ lock: change });

/** One thing that is wrong, and what a person must read. */
export interface Case {
  readonly what: string;
  /** The command line; `realize good` unless it is said. */
  readonly args?: readonly string[];
  /** The text or the value of versions/good.json, where it is another one. */
  readonly version?: unknown;
  /** The text of lockfiles/good.lock.json, or what differs from a good one. */
  readonly lock?: unknown;
  readonly files?: Readonly<Record<string, unknown>>;
  readonly exitCode: 2 | 3;
  readonly says: readonly (string | RegExp)[];
}

/** Command lines that make no sense. */
export const commandLines: readonly Case[] = [
  { what: 'no version named', args: ['realize'], exitCode: 2, says: ['realize needs a version'] },
  { what: 'no version named to validate', args: ['validate'], exitCode: 2, says: ['validate needs <id>'] },
  { what: 'an id with ../', args: ['realize', '../good'], exitCode: 2, says: ['../good'] },
  { what: 'an id that is absolute', args: ['validate', '/etc/passwd'], exitCode: 2, says: ['/etc/passwd'] },
  { what: 'an unknown id', args: ['realize', 'goood'], exitCode: 3, says: ['goood', /did you mean `?good`?\?/] },
  { what: 'an unknown verb', args: ['realise', 'good'], exitCode: 2, says: ['realise', 'did you mean realize?'] },
  {
    what: 'an unknown flag',
    args: ['realize', 'good', '--ofline'],
    exitCode: 2,
    says: ['--ofline', 'did you mean --offline?'],
  },
  { what: 'no jobs', args: ['realize', 'good', '--jobs', '0'], exitCode: 2, says: ['--jobs', '0'] },
  { what: 'jobs that are no number', args: ['realize', 'good', '--jobs=many'], exitCode: 2, says: ['--jobs', 'many'] },
  {
    what: 'a flag without its value',
    args: ['realize', 'good', '--target'],
    exitCode: 2,
    says: ['--target needs a value'],
  },
  {
    what: 'an unknown choice',
    args: ['realize', 'good', '--installer', 'pipp'],
    exitCode: 2,
    says: ['pipp', 'did you mean pip?'],
  },
  { what: 'two versions', args: ['realize', 'good', 'other'], exitCode: 2, says: ['good other'] },
  {
    what: 'two versions in two ways',
    args: ['realize', 'good', '--version-id', 'other'],
    exitCode: 2,
    says: ['good and other'],
  },
];

/** Versions that are none. */
export const versions: readonly Case[] = [
  {
    what: 'bad JSON',
    version: '{\n  "schema_version": 2,\n  "version_id": good\n}\n',
    exitCode: 3,
    says: ['versions/good.json', 'line 3, column 17'],
  },
  { what: 'an empty document', version: '', exitCode: 3, says: ['versions/good.json', 'line 1'] },
  {
    what: 'a generation of the future',
    version: { ...good, schema_version: 9 },
    exitCode: 3,
    says: ['schema_version', '9'],
  },
  {
    what: 'versions that extend each other',
    version: { ...good, extends: 'other' },
    files: { 'versions/other.json': { ...good, version_id: 'other', extends: 'good' } },
    exitCode: 3,
    says: ['extends', 'good -> other -> good'],
  },
  { what: 'a parent that is not there', version: { ...good, extends: 'nobody' }, exitCode: 3, says: ['nobody'] },
  { what: 'models: [{}]', ...withModel({}), exitCode: 3, says: ['models[0]', 'source'] },
  {
    what: 'a model path that escapes',
    ...withModel({ source, target_path: '$MODELS_DIR/../x.safetensors' }),
    exitCode: 3,
    says: ['models[0].target_path', '..'],
  },
  {
    what: 'a model path that is absolute',
    ...withModel({ source, target_path: '/etc/passwd' }),
    exitCode: 3,
    says: ['models[0].target_path'],
  },
  { what: 'a model without a place', ...withModel({ source }), exitCode: 3, says: ['models[0].target_path'] },
  {
    what: 'a model with a bad checksum',
    ...withModel({ source, target_path: 'vae/x.pt', checksum: 'sha256:beef' }),
    exitCode: 3,
    says: ['models[0].checksum'],
  },
  {
    what: 'a node name that escapes',
    ...withNode({ name: '../evil', repo: node.repo }),
    exitCode: 3,
    says: ['custom_nodes[0].name'],
  },
  {
    what: 'a target_dir that escapes',
    ...withNode({ repo: node.repo, target_dir: '$COMFY_HOME/custom_nodes/../../evil' }),
    exitCode: 3,
    says: ['custom_nodes[0].target_dir'],
  },
  {
    what: 'a repository that is an option of git',
    ...withNode({ name: 'x', repo: '--upload-pack=touch /tmp/x' }),
    exitCode: 3,
    says: ['custom_nodes[0].repo'],
  },
  {
    what: 'a ref that is an option of git',
    ...withNode({ name: 'x', repo: node.repo, ref: '--upload-pack=x' }),
    exitCode: 3,
    says: ['custom_nodes[0].ref'],
  },
  { what: 'a node from nowhere', ...withNode({ name: 'x' }), exitCode: 3, says: ['custom_nodes[0]'] },
  {
    what: 'two nodes with one directory',
    version: {
      ...good,
      custom_nodes: [
        { name: 'x', repo: 'https://git.invalid/one' },
        { name: 'X', repo: 'https://git.invalid/two' },
      ],
    },
    exitCode: 3,
    says: ['custom_nodes[1]', /custom_nodes\/x/i],
  },
  {
    what: 'two nodes from one repository',
    version: {
      ...good,
      custom_nodes: [
        { name: 'x', repo: node.repo },
        { name: 'y', repo: `${node.repo}.git` },
      ],
    },
    exitCode: 3,
    says: ['custom_nodes[1]', node.repo],
  },
  {
    what: 'a secret in the clear',
    version: { ...good, env: { HF_TOKEN: 'hf_abcdefgh' } },
    exitCode: 3,
    says: ['env.HF_TOKEN', /^(?!.*hf_abcdefgh)/s],
  },
];

/** Lockfiles that are none. */
export const lockfiles: readonly Case[] = [
  {
    what: 'bad JSON in a lockfile',
    lock: '{"schema_version": 3,}',
    exitCode: 3,
    says: ['lockfiles/good.lock.json', 'line 1, column 22'],
  },
  {
    what: 'an unknown key in a lockfile',
    ...withPins({ modles: [] }),
    exitCode: 3,
    says: ['modles', 'did you mean `models`?'],
  },
  {
    what: 'a lockfile of another version',
    ...withPins({ version_id: 'other' }),
    exitCode: 3,
    says: ['lockfiles/good.lock.json', 'version_id', 'other'],
  },
  {
    what: 'a lockfile of the future',
    ...withPins({ schema_version: 9 }),
    exitCode: 3,
    says: ['lockfiles/good.lock.json', 'schema_version', '9'],
  },
  {
    what: 'a node in a lockfile whose name escapes',
    ...withPins({ nodes: [{ ...node, name: '../evil' }] }),
    exitCode: 3,
    says: ['nodes[0].name'],
  },
  {
    what: 'a node in a lockfile at a branch',
    ...withPins({ nodes: [{ ...node, commit: 'main' }] }),
    exitCode: 3,
    says: ['nodes[0].commit'],
  },
  {
    what: 'a node that is twice in a lockfile',
    ...withPins({ nodes: [node, { ...node, repo: 'https://git.invalid/two' }] }),
    exitCode: 3,
    says: ['nodes[1]', 'custom_nodes/alpha'],
  },
  {
    what: 'a model in a lockfile whose path escapes',
    ...withPins({ models: [{ ...model, path: '../x' }] }),
    exitCode: 3,
    says: ['models[0].path'],
  },
  {
    what: 'a model in a lockfile in our own records',
    ...withPins({ models: [{ ...model, root: 'target', path: '.pipeline/x' }] }),
    exitCode: 3,
    says: ['models[0].path', '.pipeline'],
  },
  {
    what: 'a model in a lockfile without a hash',
    ...withPins({ models: [{ ...model, sha256: '' }] }),
    exitCode: 3,
    says: ['models[0].sha256'],
  },
];
