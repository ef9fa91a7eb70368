import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { readPng } from '../demo/png.ts';
import { type Bench, checkout, type Ended, openBench } from './rig.ts';

/** One user's day with one version, verb after verb: each test begins where the one before it ended. */
let bench: Bench;
beforeAll(() => {
  bench = openBench();
  cpSync(join(checkout, 'examples/demo/workflows/gradient.json'), join(bench.project, 'gradient.json'));
});
afterAll(() => bench[Symbol.dispose]());

/** Runs a verb that must go well. */
async function well(...words: readonly string[]): Promise<Ended> {
  const ended = await bench.pipeline(words, { env: { COMFY_REGISTRY_URL: 'demo://registry' } });
  expect([words.join(' '), ended.exitCode, ended.exitCode === 0 ? '' : ended.stdout + ended.stderr]).toEqual([
    words.join(' '),
    0,
    '',
  ]);
  return ended;
}

const on = (): readonly string[] => ['--target', bench.target];
const inTarget = (...names: readonly string[]): string => join(bench.target, ...names);
const paletteVersion = (): unknown =>
  /^version = "(.*)"$/m.exec(readFileSync(inTarget('custom_nodes/Demo-Palette/pyproject.toml'), 'utf8'))?.[1];
const document = ({ stdout }: Ended): unknown => JSON.parse(stdout);

/** Changes the user's version as an editor would. */
function edit(change: (version: Record<string, unknown>) => void): void {
  const file = join(bench.project, 'versions/mine.json');
  const version = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  change(version);
  writeFileSync(file, JSON.stringify(version, null, 2));
}

const nodesWith = (palette: string): readonly object[] => [
  { repo: 'demo://git/comfyui-demo-gradient', ref: 'main' },
  { repo: 'demo://git/comfyui-demo-noise', ref: 'v1.0.0' },
  { id: 'demo-palette', version: palette },
];

it('create writes a version, validate pins it, realize makes it', async () => {
  const nodes = nodesWith('1.0.0').flatMap((node) => ['--nodes', JSON.stringify(node)]);
  const model = { source: 'demo://models/sunset.safetensors', path: 'palettes/sunset.safetensors' };
  await well('create', 'mine', '--repo', 'demo://git/comfy-core@main', ...nodes, '--models', JSON.stringify(model));
  edit((version) => Object.assign(version, { python: { version: '3', index_url: 'demo://simple' } }));
  await well('validate', 'mine');
  const { summary } = await well('realize', 'mine', ...on(), '--json');
  expect(summary).toMatchObject({ ok: true, failed: 0 });
  expect(paletteVersion()).toBe('1.0.0');
});

it('run-handler paints a picture', async () => {
  await well(
    'run-handler',
    'mine',
    ...on(),
    '--workflow',
    'gradient.json',
    '--output',
    'files',
    '--out-dir',
    'pictures',
  );
  const { width, height } = readPng(readFileSync(join(bench.project, 'pictures/gradient_00001_.png')));
  expect([width, height]).toEqual([256, 256]);
});

it('a node that is switched by hand shows as drift, and realize repairs it', async () => {
  await well('node', 'install', 'demo-palette@1.1.0', ...on());
  expect(paletteVersion()).toBe('1.1.0');
  const drifted = (await well('status', 'mine', ...on())).stdout;
  expect(drifted).toMatch(/Demo-Palette: 1\.1\.0, and 1\.0\.0 is locked/);
  await well('realize', 'mine', ...on());
  expect(paletteVersion()).toBe('1.0.0');
  expect((await well('status', 'mine', ...on())).stdout).not.toMatch(/is locked/);
});

it('an upgrade is a new lockfile and a realize, and what the user put there stays', async () => {
  writeFileSync(inTarget('custom_nodes/Demo-Palette/my-notes.txt'), 'mine');
  edit((version) => Object.assign(version, { custom_nodes: nodesWith('1.1.0') }));
  await well('validate', 'mine');
  const { built } = await well('realize', 'mine', ...on(), '--json');
  expect(built).toEqual(['activate', 'place-node Demo-Palette']);
  expect([paletteVersion(), existsSync(inTarget('custom_nodes/Demo-Palette/my-notes.txt'))]).toEqual(['1.1.0', true]);
});

it('rollback goes back without network, and diff says what lies between', async () => {
  const { summary } = await well('rollback', 'mine', '1', ...on(), '--json');
  expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(paletteVersion()).toBe('1.0.0');
  const { stdout } = await well('diff', 'mine@1', 'mine@2', ...on());
  expect(stdout).toMatch(/^changed +node +Demo-Palette +1\.0\.0 -> 1\.1\.0/m);
});

it('report tells the last run on one page', async () => {
  await well('report', 'mine', ...on(), '--output', 'report.html');
  const page = readFileSync(join(bench.project, 'report.html'), 'utf8');
  expect(page).toContain('Demo-Palette');
  expect(page).not.toMatch(/(?:src|href)="https?:/);
});

it('gc takes what nobody needs: everything that is left verifies, and every page of the history can be gone to', async () => {
  await well('cache', 'gc', '--grace', '0s');
  await well('verify', 'mine', ...on());
  await well('cache', 'verify');
  const { summary } = await well('rollback', 'mine', '2', ...on(), '--json');
  expect(summary).toMatchObject({ ok: true, bytes_fetched: 0 });
  expect(paletteVersion()).toBe('1.1.0');
  const again = document(await well('cache', 'gc', '--grace', '0s', '--dry-run', '--json')) as {
    readonly removed: readonly { readonly kind: string }[];
  };
  expect(again.removed.filter(({ kind }) => kind !== 'records')).toEqual([]);
});

it('delete takes what pipeline made, and names what it leaves', async () => {
  const { stdout } = await well('delete', 'mine', ...on(), '--yes');
  expect(stdout).toMatch(/What stays is not of pipeline/);
  expect(stdout).toMatch(/custom_nodes\/ \(\d+ files?/);
  expect(existsSync(inTarget('custom_nodes/Demo-Palette/my-notes.txt'))).toBe(true);
  expect(existsSync(inTarget('output/gradient_00001_.png'))).toBe(true);
  expect([existsSync(inTarget('main.py')), existsSync(inTarget('.venv'))]).toEqual([false, false]);
});
