import { hash } from 'node:crypto';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Bench, has, openBench, run } from './workbench.ts';

let bench: Bench;
beforeAll(async () => void (bench = await openBench()));
afterAll(() => bench[Symbol.dispose]());

test('every archive passes the strictest reader', async () => {
  const { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } = await import('@zip.js/zip.js');
  const archives = globSync(['wheels/*.whl', 'registry/archives/*.zip'], { cwd: bench.sources });
  expect(archives).toHaveLength(6);
  for (const archive of archives) {
    const reader = new ZipReader(new Uint8ArrayReader(readFileSync(join(bench.sources, archive))), {
      strictness: 'strict',
      checkSignature: true,
      checkOverlappingEntry: true,
    });
    for (const entry of await reader.getEntries()) {
      if (entry.directory) throw new Error(`${archive} holds a directory`);
      const bytes = await entry.getData(new Uint8ArrayWriter());
      expect(bytes.length).toBe(entry.uncompressedSize);
    }
    await reader.close();
  }
});

/** The names in one archive of the registry, in its order. */
async function namesIn(version: string): Promise<readonly string[]> {
  const { Uint8ArrayReader, ZipReader } = await import('@zip.js/zip.js');
  const archive = readFileSync(join(bench.sources, `registry/archives/demo-palette-${version}.zip`));
  const entries = await new ZipReader(new Uint8ArrayReader(archive)).getEntries();
  return entries.map((entry) => entry.filename);
}

test('the two versions of the pack hold different files', async () => {
  const common = ['README.md', '__init__.py', 'pyproject.toml', 'requirements.txt'];
  expect(await namesIn('1.0.0')).toEqual([...common, 'palette.py'].toSorted());
  expect(await namesIn('1.1.0')).toEqual([...common, 'apply.py', 'swatch.py'].toSorted());
});

test('the package index names the hash of every wheel', () => {
  for (const wheel of readdirSync(join(bench.sources, 'wheels'))) {
    const name = wheel.slice(0, wheel.indexOf('-')).replaceAll('_', '-');
    const page = readFileSync(join(bench.sources, 'simple', name, 'index.html'), 'utf8');
    const digest = hash('sha256', readFileSync(join(bench.sources, 'wheels', wheel)));
    expect(page).toContain(`href="../../wheels/${wheel}#sha256=${digest}"`);
  }
});

const pip = (...rest: string[]) =>
  run('python3', ['-m', 'pip', '--isolated', '--disable-pip-version-check', '--no-cache-dir', ...rest]);

describe.runIf(has('python3', '-m', 'pip', '--version'))('pip', () => {
  test('installs the wheels with what they depend on, their data and their command', async () => {
    const to = join(bench.directory, 'installed');
    const links = ['--no-index', '--find-links', join(bench.sources, 'wheels')];
    await pip('install', '--target', to, ...links, 'demo-noise', 'demo-png', 'demo-textures');
    const env = { ...process.env, PYTHONPATH: to };
    const script = 'import demo_noise, demo_textures; print(demo_textures.names())';
    expect((await run('python3', ['-c', script], { env })).stdout.trim()).toBe("['canvas', 'linen', 'ripple']");
    expect((await run(join(to, 'bin/demo-png'), ['--help'], { env })).stdout).toContain('usage: demo-png');
    expect(existsSync(join(to, 'share/demo-textures/README.txt'))).toBe(true);
  });

  test('finds them in the package index', async () => {
    const to = join(bench.directory, 'downloads');
    await pip('download', '--index-url', `file://${bench.sources}/simple`, '--dest', to, 'demo-noise>=1.0');
    const wheels = ['demo_colors-1.0.0-py3-none-any.whl', 'demo_noise-1.0.0-py3-none-any.whl'];
    expect(readdirSync(to).toSorted()).toEqual(wheels);
  });
});
