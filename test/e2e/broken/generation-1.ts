import { commit, repo, type Row, version } from './row.ts';

const place = 'lockfiles/comfy-x.lock.json';
/** A pair of generation 1. */
const pair = (lock: unknown, spec: object = {}) => ({
  'versions/x.json': { version_id: 'x', lock: place, ...spec },
  [place]: lock,
});
const comfyui = { repo, commit };

/** Versions of generation 1 and their locks. */
export const generation1: readonly Row[] = [
  {
    what: 'a spec without a lock',
    files: { 'versions/x.json': { version_id: 'x', lock: null } },
    says: 'versions/x.json: lock: Missing: the lock that this version is made of',
  },
  {
    what: 'a lock that is not there',
    files: { 'versions/x.json': { version_id: 'x', lock: place } },
    says: 'versions/x.json: lock: Neither the project nor the working directory has lockfiles/comfy-x.lock.json',
  },
  {
    what: 'a lock that is no JSON',
    files: pair("{'models': []}"),
    says: 'lockfiles/comfy-x.lock.json: line 1, column 2: Expected a key in double quotes',
  },
  { what: 'a lock that is a list', files: pair([]), says: 'lockfiles/comfy-x.lock.json: Expected an object' },
  {
    what: 'a lock of another generation',
    files: pair({ schema_version: 2, comfyui }),
    says: 'lockfiles/comfy-x.lock.json: schema_version: Found 2: a lock of generation 1 has 1, or none',
  },
  {
    what: 'a lock where ours goes',
    files: {
      'versions/x.json': { version_id: 'x', lock: 'lockfiles/x.lock.json' },
      'lockfiles/x.lock.json': { comfyui },
    },
    says: 'versions/x.json: lock: Our own lockfile of x goes there: rename the lock to lockfiles/comfy-x.lock.json',
  },
  {
    what: 'a core at an option',
    files: pair({ comfyui: { repo, commit: '--upload-pack=id' } }),
    says: 'lockfiles/comfy-x.lock.json: comfyui.commit: Expected the name of a branch or tag, as git allows it',
  },
  {
    what: 'a node that is a text',
    files: pair({ comfyui, custom_nodes: ['foo'] }),
    says: 'lockfiles/comfy-x.lock.json: custom_nodes[0]: Expected an object',
  },
  {
    what: 'a node whose name escapes',
    files: pair({ comfyui, custom_nodes: [{ name: '..', repo: 'https://git.invalid/foo', commit }] }),
    says: 'lockfiles/comfy-x.lock.json: custom_nodes[0].name: The name of a node starts neither with `.` nor with `-`',
  },
  {
    what: 'a node from another protocol',
    files: pair({ comfyui, custom_nodes: [{ name: 'foo', repo: 'svn://git.invalid/foo', commit }] }),
    says: 'lockfiles/comfy-x.lock.json: custom_nodes[0].repo: Expected a git URL: https://, http://, ssh://, git@host:path or file://',
  },
  {
    what: 'a package that is none',
    files: pair({ comfyui, python: { packages: [{ name: '--pre' }] } }),
    says: 'lockfiles/comfy-x.lock.json: python.packages[0].name: Expected the name of a Python package',
  },
  {
    what: 'a version of Python that is none',
    files: pair({ comfyui, python: { version: 'three' } }),
    says: 'lockfiles/comfy-x.lock.json: python.version: Expected a version of Python such as 3.11 or 3.11.9',
  },
  {
    what: 'a model that is to be there already, in a node',
    files: pair({ comfyui, models: [{ name: 'm', source: null, path: '$COMFY_HOME/custom_nodes/foo/x.pt' }] }),
    says: 'lockfiles/comfy-x.lock.json: models[0].source: Missing: only a model below $MODELS_DIR may be there already',
  },
  {
    what: 'a model with a checksum of another kind',
    files: pair({ comfyui, models: [{ source: 'hf://o/r/x', target_path: 'x.pt', checksum: 'crc32:12345678' }] }),
    says: 'lockfiles/comfy-x.lock.json: models[0].checksum: Expected sha256:<64 hex characters> or md5:<32 hex characters>',
  },
  {
    what: 'an index with a password',
    files: pair({ comfyui }, { options: { pip_extra_args: '-i https://me:hunter2@host.invalid/simple' } }),
    says: 'versions/x.json: options.pip_extra_args: Expected an https://, http:// or file:// URL without credentials',
  },
  {
    what: 'words for pip that reach outside',
    files: pair({ comfyui }, { options: { pip_extra_args: '--trusted-host evil.invalid' } }),
    says: 'Refused line 1 of options.pip_extra_args (--trusted-host evil.invalid): --trusted-host is not allowed in requirements\nhint: indexes belong into python.index_url and python.extra_index_urls, packages and URLs into python_packages; for a line of a node, `"install_requirements": false` leaves all of its lines out',
  },
  {
    what: 'a switch that is neither on nor off',
    files: pair({ comfyui }, { options: { skip_models: 'some' } }),
    says: 'versions/x.json: options.skip_models: Expected true or false',
  },
  {
    what: 'a lock for a version that needs none',
    files: { ...version({}), [place]: { comfyui } },
    args: ['realize', 'x', '--lock', place],
    says: 'versions/x.json: It says itself what it is made of, and lockfiles/comfy-x.lock.json is the lock of a generation 1 version\nhint: leave --lock out; or give the lock another --version-id',
  },
  {
    what: 'a lock that is to be found by its name, and has another',
    files: { 'old.json': { comfyui, custom_nodes: {} } },
    args: ['realize', '--lock', 'old.json', '--version-id', 'x'],
    says: 'old.json: custom_nodes: Expected a list',
  },
];
