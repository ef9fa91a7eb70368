import { commit, repo, type Row, version as at } from './row.ts';

/** Versions of generation 2: their settings. */
export const settings: readonly Row[] = [
  {
    what: 'a description that is a number',
    files: at({ description: 5 }),
    says: 'versions/x.json: description: Expected text',
  },
  {
    what: 'a target in a home',
    files: at({ target: '~/comfy' }),
    says: 'versions/x.json: target: Expected a path that is absolute, or relative to the project root',
  },
  {
    what: 'a target that is a variable',
    files: at({ target: '$HOME/comfy' }),
    says: 'versions/x.json: target: Expected a path that is absolute, or relative to the project root',
  },
  {
    what: 'a Python version as a number',
    files: at({ python: { version: 3.1 } }),
    says: 'versions/x.json: python.version: Expected text in quotes: as a number, 3.10 is 3.1',
  },
  {
    what: 'Python 2',
    files: at({ python: { version: '2.7' } }),
    says: 'versions/x.json: python.version: Expected a version of Python such as 3.11 or 3.11.9',
  },
  {
    what: 'an unknown build of torch',
    files: at({ python: { torch: 'cuda' } }),
    says: 'versions/x.json: python.torch: Expected cpu, xpu, rocm, or such as cu128 or rocm6.4',
  },
  {
    what: 'an index with a password',
    files: at({ python: { index_url: 'https://me:hunter2@host/simple' } }),
    says: 'versions/x.json: python.index_url: Expected an https://, http:// or file:// URL without credentials',
  },
  {
    what: 'a second index that is none',
    files: at({ python: { extra_index_urls: ['https://a.invalid', 'b'] } }),
    says: 'versions/x.json: python.extra_index_urls[1]: Expected an https://, http:// or file:// URL without credentials',
  },
  {
    what: 'an unknown platform',
    files: at({ python: { platforms: ['windows-x86_64'] } }),
    says: 'versions/x.json: python.platforms[0]: Expected a platform such as "linux-x86_64", or {"platform": "linux-x86_64", "torch": "cpu"}',
  },
  {
    what: 'no platform',
    files: at({ python: { platforms: [] } }),
    says: 'versions/x.json: python.platforms: Expected at least one platform; leave it out to mean this machine',
  },
  {
    what: 'a platform twice',
    files: at({ python: { platforms: ['linux-x86_64', { platform: 'linux-x86_64' }] } }),
    says: 'versions/x.json: python.platforms: The same platform with the same torch twice',
  },
  {
    what: 'packages that are no texts',
    files: at({ python_packages: [{}] }),
    says: 'versions/x.json: python_packages: Expected text or a list of texts',
  },
  {
    what: 'a package of two lines',
    files: at({ python_packages: ['a\nb'] }),
    says: 'versions/x.json: python_packages: A requirement is one line without control characters',
  },
  {
    what: 'a package that changes the index',
    files: at({ python_packages: ['numpy', '--index-url https://evil.invalid'] }),
    says: 'Refused line 2 of python_packages (--index-url https://evil.invalid): --index-url is not allowed in requirements\nhint: indexes belong into python.index_url and python.extra_index_urls, packages and URLs into python_packages; for a line of a node, `"install_requirements": false` leaves all of its lines out',
  },
  {
    what: 'a package of this machine',
    files: at({ python_packages: ['foo @ file:///tmp/foo'] }),
    says: 'Refused line 1 of python_packages (foo @ file:///tmp/foo): it is not a package of an index, and nothing on a server\nhint: indexes belong into python.index_url and python.extra_index_urls, packages and URLs into python_packages; for a line of a node, `"install_requirements": false` leaves all of its lines out',
  },
  {
    what: 'a package to be edited',
    files: at({ python_packages: ['-e ./foo'] }),
    says: 'Refused line 1 of python_packages (-e ./foo): -e is not allowed in requirements\nhint: indexes belong into python.index_url and python.extra_index_urls, packages and URLs into python_packages; for a line of a node, `"install_requirements": false` leaves all of its lines out',
  },
  {
    what: 'a file of packages',
    files: at({ python_packages: ['-r ../other.txt'] }),
    says: 'Refused line 1 of python_packages (-r ../other.txt): -r is not allowed in requirements\nhint: indexes belong into python.index_url and python.extra_index_urls, packages and URLs into python_packages; for a line of a node, `"install_requirements": false` leaves all of its lines out',
  },
  {
    what: 'a package that is none',
    files: at({ python_packages: ['numpy=1.0'] }),
    says: 'python_packages: line 1: "numpy=1.0" is not a requirement\nhint: write a package and its versions, such as numpy>=1.26,<3',
  },
  {
    what: 'an override that is none',
    files: at({ python: { overrides: ['== 1'] } }),
    says: 'python.overrides: line 1: "== 1" is not a requirement\nhint: write a package and its versions, such as numpy>=1.26,<3',
  },
  { what: 'variables as a list', files: at({ env: [] }), says: 'versions/x.json: env: Expected an object' },
  {
    what: 'a variable that is an object',
    files: at({ env: { A: {} } }),
    says: 'versions/x.json: env.A: Expected text',
  },
  {
    what: 'a variable with a space in its name',
    files: at({ env: { 'A B': '1' } }),
    says: 'versions/x.json: env.A B: Expected the name of an environment variable: letters, digits and `_`',
  },
  {
    what: 'a secret in the clear',
    files: at({ env: { HF_TOKEN: 'hunter2' } }),
    says: 'versions/x.json: env.HF_TOKEN: A secret in the clear: write "${HF_TOKEN}", and set HF_TOKEN where you run pipeline',
  },
  {
    what: 'a switch that is neither on nor off',
    files: at({ options: { offline: 'maybe' } }),
    says: 'versions/x.json: options.offline: Expected true or false',
  },
  {
    what: 'options that are a list',
    files: at({ options: [true] }),
    says: 'versions/x.json: options: Expected an object',
  },
  {
    what: 'several things at once',
    files: at({ comfy: { repo: 'core', commit }, custom_nodes: [{ rep: repo }], models: [{}], env: { A: [] } }),
    says: 'versions/x.json: 4 problems\n  comfy.repo: Expected a git URL: https://, http://, ssh://, git@host:path or file://\n  models[0]: Empty: give at least `source` and `target_path`\n  env.A: Expected text\n  custom_nodes[0]: Does not say where the node comes from: give `repo`, `id` or `path`\nhint: versions/x.json: custom_nodes[0].rep: Unknown key, ignored; did you mean `repo`?',
  },
];
