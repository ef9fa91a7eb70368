import { repo, type Row, version } from './row.ts';

const at = (change: object) => version(change);
const text = (content: unknown) => ({ 'versions/x.json': content });
const chain = Object.fromEntries(
  Array.from({ length: 17 }, (_, n) => [
    `versions/${n === 0 ? 'x' : `x${n}`}.json`,
    { schema_version: 2, version_id: n === 0 ? 'x' : `x${n}`, extends: `x${n + 1}` },
  ]),
);

/** Versions of generation 2: their text, what they are of, and what they extend. */
export const versions: readonly Row[] = [
  {
    what: 'a word without quotes',
    files: text('{\n  "schema_version": 2,\n  "version_id": x\n}\n'),
    says: 'versions/x.json: line 3, column 17: Expected a value',
  },
  {
    what: 'nothing at all',
    files: text(''),
    says: 'versions/x.json: line 1, column 1: The text ends too early: Expected a value',
  },
  {
    what: 'a document that breaks off',
    files: text('{"schema_version": 2, "comfy": {'),
    says: 'versions/x.json: line 1, column 33: The text ends too early: Expected a key in double quotes',
  },
  {
    what: 'a comma too many',
    files: text('{"schema_version": 2,}'),
    says: 'versions/x.json: line 1, column 22: Expected a key in double quotes',
  },
  {
    what: 'a comment',
    files: text('{\n  // mine\n  "schema_version": 2\n}'),
    says: 'versions/x.json: line 2, column 3: Expected a key in double quotes',
  },
  {
    what: 'a key twice',
    files: text('{"schema_version": 2,\n "models": [], "models": null}'),
    says: 'versions/x.json: line 2, column 16: The key `models` stands twice in one object',
  },
  {
    what: 'a key that means something to the runtime',
    files: text('{"schema_version": 2, "__proto__": {}}'),
    says: 'versions/x.json: line 1, column 23: The key `__proto__` is not allowed',
  },
  {
    what: '65 levels',
    files: text(`${'['.repeat(65)}${']'.repeat(65)}`),
    says: 'versions/x.json: line 1, column 65: Objects and lists are more than 64 deep',
  },
  {
    what: 'a merge conflict',
    files: text('{\n<<<<<<< HEAD\n  "schema_version": 2\n=======\n}'),
    says: 'versions/x.json: line 2, column 1: This is a merge conflict of git: resolve it first',
  },
  {
    what: 'bytes that are no text',
    files: text(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
    says: 'versions/x.json: Expected UTF-8 text',
  },
  {
    what: 'a directory where the document should be',
    files: { 'versions/x.json/readme.txt': '' },
    says: 'versions/x.json: Expected a file',
  },
  {
    what: 'more than 10 MB',
    files: text(`{"schema_version": 2, "description": "${'x'.repeat(10_485_760)}"}`),
    says: 'versions/x.json: A document has at most 10 MB, this one has 11 MB',
  },
  { what: 'a list', files: text([]), says: 'versions/x.json: Expected an object' },
  { what: 'a text', files: text('"x"'), says: 'versions/x.json: Expected an object' },
  {
    what: 'no generation',
    files: text({ version_id: 'x', comfy: { repo } }),
    says: 'versions/x.json: schema_version: Missing: this release reads "schema_version": 2',
  },
  {
    what: 'a generation of the future',
    files: at({ schema_version: 9 }),
    says: 'versions/x.json: schema_version: Unknown generation 9: this release reads "schema_version": 2',
  },
  {
    what: 'a generation in quotes',
    files: at({ schema_version: '2' }),
    says: 'versions/x.json: schema_version: Unknown generation "2": this release reads "schema_version": 2',
  },
  {
    what: 'a lockfile among the versions',
    files: at({ schema_version: 3 }),
    says: 'versions/x.json: This is a lockfile: its place is lockfiles/',
  },
  { what: 'no id', files: at({ version_id: null }), says: 'versions/x.json: version_id: Missing' },
  {
    what: 'two ids',
    files: at({ id: 'y' }),
    says: 'versions/x.json: id: Says the same as `version_id`, but differently: keep one',
  },
  {
    what: 'an id that is a path',
    files: at({ version_id: '../x' }),
    says: 'versions/x.json: version_id: Expected a version id: 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit',
  },
  {
    what: 'an id with dots',
    files: at({ version_id: 'x..y' }),
    says: 'versions/x.json: version_id: A version id has no `..`',
  },
  {
    what: 'an id of 65 characters',
    files: at({ version_id: 'x'.repeat(65) }),
    says: 'versions/x.json: version_id: Expected a version id: 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit',
  },
  {
    what: 'the id of the schema',
    files: at({ version_id: 'schema' }),
    says: 'versions/x.json: version_id: This id is reserved: versions/schema.json describes what a version may hold',
  },
  {
    what: 'no core',
    files: at({ comfy: null }),
    says: 'versions/x.json: comfy.repo: Missing: the repository of ComfyUI',
  },
  { what: 'a core that is a text', files: at({ comfy: repo }), says: 'versions/x.json: comfy: Expected an object' },
  {
    what: 'a core without a repository',
    files: at({ comfy: { ref: 'master' } }),
    says: 'versions/x.json: comfy.repo: Missing: the repository of ComfyUI',
  },
  {
    what: 'a repository in two words',
    files: at({ comfy: { repo: 'owner/repo' } }),
    says: 'versions/x.json: comfy.repo: Expected a git URL: https://, http://, ssh://, git@host:path or file://',
  },
  {
    what: 'a repository with a password',
    files: at({ comfy: { repo: 'https://me:hunter2@git.invalid/core' } }),
    says: 'versions/x.json: comfy.repo: A git URL holds no credentials: leave them to the credential helper of git',
  },
  {
    what: 'a repository of another protocol',
    files: at({ comfy: { repo: 'ext::sh -c id' } }),
    says: 'versions/x.json: comfy.repo: A git URL does not start with `-`, and has no spaces, `\\` or control characters',
  },
  {
    what: 'a ref that git would not take',
    files: at({ comfy: { repo, ref: 'a..b' } }),
    says: 'versions/x.json: comfy.ref: Expected the name of a branch or tag, as git allows it',
  },
  {
    what: 'a commit that is an option of git',
    files: at({ comfy: { repo, commit: '--upload-pack=id' } }),
    says: 'versions/x.json: comfy.commit: Expected the name of a branch or tag, as git allows it',
  },
  {
    what: 'a core twice',
    files: at({ comfyui: { repo: 'https://git.invalid/other' } }),
    says: 'versions/x.json: comfyui: Says the same as `comfy`, but differently: keep one',
  },
  {
    what: 'a parent that is not there',
    files: at({ extends: 'base' }),
    says: 'Version base (versions/base.json), which versions/x.json extends, does not exist\nhint: create it with `pipeline create base --repo <url>`',
  },
  {
    what: 'a parent that is a path',
    files: at({ extends: '../base' }),
    says: 'versions/x.json: extends: Expected a version id: 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit',
  },
  {
    what: 'versions that extend each other',
    files: { ...at({ extends: 'y' }), 'versions/y.json': { schema_version: 2, version_id: 'y', extends: 'x' } },
    says: 'versions/x.json: extends: Versions extend each other in a circle: x -> y -> x',
  },
  {
    what: 'a chain of 17',
    files: chain,
    says: 'versions/x.json: extends: More than 16 versions extend one another: x -> x1 -> x2 -> x3 -> x4 -> x5 -> x6 -> x7 -> x8 -> x9 -> x10 -> x11 -> x12 -> x13 -> x14 -> x15 -> x16',
  },
  {
    what: 'a parent that is broken',
    files: { ...at({ extends: 'y' }), 'versions/y.json': { schema_version: 2, version_id: 'y', models: [{}] } },
    says: 'versions/y.json: models[0]: Empty: give at least `source` and `target_path`',
  },
  {
    what: 'a parent and a child that want one directory',
    files: {
      ...at({
        extends: 'y',
        custom_nodes: [
          { name: 'foo', repo: 'https://git.invalid/a' },
          { name: 'FOO', repo: 'https://git.invalid/b' },
        ],
      }),
      'versions/y.json': {
        schema_version: 2,
        version_id: 'y',
        custom_nodes: [{ name: 'bar', repo: 'https://git.invalid/a' }],
      },
    },
    says: 'versions/x.json: custom_nodes[0]: The repository https://git.invalid/a is taken by versions/y.json: custom_nodes[0]',
  },
];
