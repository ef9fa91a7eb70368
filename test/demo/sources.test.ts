import * as fc from 'fast-check';
import { hash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { demoSource, makeDemoSources } from '../../examples/demo/sources.ts';
import { type Bench, from, openBench, run } from './workbench.ts';

let bench: Bench;
beforeAll(async () => void (bench = await openBench()));
afterAll(() => bench[Symbol.dispose]());

const repositories = ['comfy-core', 'comfyui-demo-gradient', 'comfyui-demo-noise'];

/** Everything of the sources that is pinned somewhere: files by digest, repositories by commit. */
async function pinned(root: string): Promise<Record<string, string>> {
  const files = globSync('{wheels,simple,models,registry}/**', { cwd: root }).filter((path) =>
    statSync(join(root, path)).isFile(),
  );
  const pins = files
    .toSorted()
    .map((path) => [path, hash('sha256', readFileSync(join(root, path))).slice(0, 12)] as const);
  for (const name of repositories) {
    const { stdout } = await run('git', [
      `--git-dir=${root}/git/${name}.git`,
      'for-each-ref',
      '--format=%(refname) %(objectname) %(*objectname)',
    ]);
    for (const line of stdout.trim().split('\n')) {
      const [ref, id, peeled] = line.split(' ');
      pins.push([`git/${name} ${ref}`, peeled === '' ? id! : peeled!]);
    }
  }
  return Object.fromEntries(pins);
}

// A change here means new pins in versions/demo.json. If nothing that is shipped changed, raise `revision` in sources.ts.
test('sources have the same bytes and the same commits wherever they are made', async () => {
  using other = await openBench();
  const pins = await pinned(bench.sources);
  expect(await pinned(other.sources)).toEqual(pins);
  expect(pins).toMatchInlineSnapshot(`
    {
      "git/comfy-core refs/heads/main": "d0d4568e6cdff423c0c6f53c1cc44a69e51f26ba",
      "git/comfy-core refs/tags/v1.0.0": "031691371bdf0e7a3fa7aa0d9c75af87f50f306f",
      "git/comfy-core refs/tags/v1.1.0": "d0d4568e6cdff423c0c6f53c1cc44a69e51f26ba",
      "git/comfyui-demo-gradient refs/heads/main": "24abcdca788a58e43098adc9c45dd42c90ee95f6",
      "git/comfyui-demo-gradient refs/tags/v1.0.0": "e676cc697cb9cb4dec21cbe4900711d49f4d4314",
      "git/comfyui-demo-gradient refs/tags/v1.1.0": "24abcdca788a58e43098adc9c45dd42c90ee95f6",
      "git/comfyui-demo-noise refs/heads/main": "3d9c478260225e667409c2bb47fa50793daa58ef",
      "git/comfyui-demo-noise refs/tags/v1.0.0": "7d0afd1e8f249c5de91df64610acd4a8340c92fb",
      "git/comfyui-demo-noise refs/tags/v1.1.0": "3d9c478260225e667409c2bb47fa50793daa58ef",
      "models/ocean.safetensors": "194eb193244b",
      "models/sunset.safetensors": "e8889523f120",
      "registry/archives/demo-palette-1.0.0.zip": "4b74d9a682cd",
      "registry/archives/demo-palette-1.1.0.zip": "b0a31b880e2e",
      "registry/nodes/demo-palette.json": "3b559b62e311",
      "registry/nodes/demo-palette/install.json": "ab3850278c4e",
      "registry/nodes/demo-palette/versions.json": "4074a336515e",
      "registry/nodes/demo-palette/versions/1.0.0.json": "c82c381c7b8d",
      "registry/nodes/demo-palette/versions/1.1.0.json": "ab3850278c4e",
      "simple/demo-colors/index.html": "1272c08a2773",
      "simple/demo-noise/index.html": "ba4d4151b91e",
      "simple/demo-png/index.html": "97471bbe256b",
      "simple/demo-textures/index.html": "609088dafe61",
      "simple/index.html": "7231cf696046",
      "wheels/demo_colors-1.0.0-py3-none-any.whl": "624b9df66e9a",
      "wheels/demo_noise-1.0.0-py3-none-any.whl": "607ef9ed5330",
      "wheels/demo_png-1.0.0-py3-none-any.whl": "3f9025321f8d",
      "wheels/demo_textures-1.0.0-py3-none-any.whl": "987e5716fe50",
    }
  `);
});

test('sources that two processes make at once are made once, and no draft is left', async () => {
  const into = join(bench.directory, 'contended');
  const roots = await Promise.all([1, 2, 3].map(() => makeDemoSources({ from, into })));
  expect(new Set(roots).size).toBe(1);
  expect(readdirSync(into)).toEqual([roots[0]!.split(sep).at(-1)]);
  expect(await pinned(roots[0]!)).toEqual(await pinned(bench.sources));
});

const refuse = () => Promise.reject(new Error('git was run'));

test('sources that are there already are not made again', async () => {
  expect(await makeDemoSources({ from, into: join(bench.directory, 'sources'), run: refuse })).toBe(bench.sources);
  await expect(makeDemoSources({ from, into: join(bench.directory, 'elsewhere'), run: refuse })).rejects.toThrow(
    'git was run',
  );
  expect(readdirSync(join(bench.directory, 'elsewhere'))).toEqual([]);
});

test('an edited source is made beside the old ones, and what Python leaves behind is no edit', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'demo-'));
  try {
    await run('cp', ['-r', `${from}/.`, copy]);
    mkdirSync(join(copy, 'core/__pycache__'));
    writeFileSync(join(copy, 'core/__pycache__/main.cpython-311.pyc'), 'compiled');
    const into = join(bench.directory, 'edited');
    const before = await makeDemoSources({ from: copy, into });
    expect(relative(into, before)).toBe(relative(join(bench.directory, 'sources'), bench.sources));
    writeFileSync(join(copy, 'core/main.py'), 'print("changed")\n');
    const after = await makeDemoSources({ from: copy, into });
    expect(after).not.toBe(before);
    expect(existsSync(before)).toBe(true);
  } finally {
    rmSync(copy, { recursive: true });
  }
});

test.each(repositories)('%s clones, passes fsck, and gives out any commit by its id', async (name) => {
  const repository = join(bench.sources, `git/${name}.git`);
  await run('git', [`--git-dir=${repository}`, 'fsck', '--strict']);
  const clone = join(bench.directory, `clone-${name}`);
  await run('git', ['clone', '-q', repository, clone]);
  const log = (await run('git', ['-C', clone, 'log', '--format=%H %an %ad', '--date=iso-strict'])).stdout
    .trim()
    .split('\n');
  expect(log.map((line) => line.slice(41))).toEqual([
    'Demo 2025-01-13T09:00:00+00:00',
    'Demo 2025-01-06T09:00:00+00:00',
  ]);
  expect((await run('git', ['-C', clone, 'status', '--porcelain'])).stdout).toBe('');

  const first = log[1]!.slice(0, 40);
  const shallow = join(bench.directory, `shallow-${name}`);
  await run('git', ['init', '-q', shallow]);
  await run('git', ['-C', shallow, 'fetch', '-q', '--depth', '1', `file://${repository}`, first]);
  expect((await run('git', ['-C', shallow, 'rev-parse', 'FETCH_HEAD'])).stdout.trim()).toBe(first);
});

test.each([
  ['demo://git/comfy-core', 'git/comfy-core.git'],
  ['demo://git/comfy-core.git', 'git/comfy-core.git'],
  ['demo://wheels/demo_png-1.0.0-py3-none-any.whl', 'wheels/demo_png-1.0.0-py3-none-any.whl'],
  ['demo://models/sunset.safetensors', 'models/sunset.safetensors'],
  ['demo://simple', 'simple/index.html'],
  ['demo://simple/demo-colors/', 'simple/demo-colors/index.html'],
  ['demo://registry/archives/demo-palette-1.1.0.zip', 'registry/archives/demo-palette-1.1.0.zip'],
  ['demo://registry/nodes/demo-palette', 'registry/nodes/demo-palette.json'],
  ['demo://registry/nodes/demo-palette/versions', 'registry/nodes/demo-palette/versions.json'],
  ['demo://registry/nodes/demo-palette/versions/1.0.0', 'registry/nodes/demo-palette/versions/1.0.0.json'],
  ['demo://registry/nodes/demo-palette/install', 'registry/nodes/demo-palette/install.json'],
  ['demo://registry/nodes/demo-palette/install?version=1.1.0', 'registry/nodes/demo-palette/versions/1.1.0.json'],
])('%s is %s, which is there', (url, path) => {
  expect(demoSource(url, bench.sources)).toBe(join(bench.sources, path));
  expect(existsSync(join(bench.sources, path))).toBe(true);
});

test.each([
  'https://example.invalid/x',
  'demo://',
  'demo://elsewhere/x',
  'demo://git',
  'demo://git/..',
  'demo://git/../../x',
  'demo://git/.git',
  'demo://wheels/../git/comfy-core',
  'demo://wheels/a/b',
  String.raw`demo://models/..\x`,
  'demo://models/%2e%2e',
  'demo://models/x\0',
  'demo://models/x\n',
  'demo://registry/nodes/../../x',
  'demo://registry/nodes/demo-palette/install?version=../x',
  'demo://registry/nodes/demo-palette?page=1',
])('%j is no source', (url) => {
  expect(demoSource(url, bench.sources)).toBeUndefined();
});

test('demoSource() never leaves the sources', () => {
  const part = fc.oneof(
    fc.constantFrom('git', 'wheels', 'registry', 'nodes', 'simple', '..', '.', '', '\\', '?', '%2f', '\0'),
    fc.string(),
  );
  const leaves = fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
    const path = demoSource(`demo://${parts.join('/')}`, '/sources') ?? '/sources/absent';
    expect(path.startsWith('/sources/') && !path.split('/').includes('..')).toBe(true);
  });
  fc.assert(leaves);
});

const read = (path: string): unknown =>
  JSON.parse(readFileSync(demoSource(`demo://registry/nodes/${path}`, bench.sources)!, 'utf8'));

test('the registry names the newest version and where its archive is', () => {
  const versions = read('demo-palette/versions') as readonly {
    version: string;
    downloadUrl: string;
    dependencies: string[];
  }[];
  expect(versions.map(({ version }) => version)).toEqual(['1.1.0', '1.0.0']);
  expect(read('demo-palette')).toMatchObject({ id: 'demo-palette', latest_version: { version: '1.1.0' } });
  for (const { downloadUrl, dependencies } of versions) {
    expect(existsSync(demoSource(downloadUrl, bench.sources)!)).toBe(true);
    expect(dependencies).toEqual(['demo-textures>=1.0']);
  }
});
