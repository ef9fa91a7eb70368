import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { git } from '../rig/git-server.ts';
import { cloneByHand, type NodeBench, type NodeWorld, openNodeBench, openNodeWorld, type TestPack } from './rig.ts';

let world: NodeWorld;
beforeAll(async () => void (world = await openNodeWorld()));
afterAll(async () => world[Symbol.asyncDispose]());

let packs = 0;
/** A pack of this test's own, with one commit, and a bench. */
async function open(): Promise<{ pack: TestPack; bench: NodeBench; first: string }> {
  const pack = await world.pack(`ComfyUI-Up${(packs += 1)}`);
  const first = await pack.commit({ ...pack.files('1.0.0'), 'gone.py': 'gone' });
  return { pack, bench: openNodeBench(world), first };
}

const named = (commit: string): string => `nightly ${commit.slice(0, 8)}`;
const inGit = (bench: NodeBench, { name }: TestPack, ...args: readonly string[]) =>
  git(['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], { cwd: bench.at('custom_nodes', name) });

/** How a checkout comes to be there: by us, or by a person. */
const ways: readonly [string, (bench: NodeBench, pack: TestPack) => Promise<unknown>][] = [
  ['our checkout', (bench, { id }) => bench.done('install', `${id}@nightly`)],
  ['a checkout of the user', (bench, { name, repo }) => cloneByHand(bench, name, repo)],
];

it.each(ways)('%s goes on to the newest commit of its branch; user files stay', async (_, lay) => {
  const { pack, bench: opened } = await open();
  using bench = opened;
  await lay(bench, pack);
  bench.write(`custom_nodes/${pack.name}/settings.ini`, 'mine');
  const second = await pack.commit({ 'new.py': 'new', 'gone.py': null });
  const { events } = await bench.done('update', pack.id);
  expect(bench.layout()).toEqual({ [pack.name]: named(second) });
  expect(bench.read(`custom_nodes/${pack.name}/new.py`)).toBe('new');
  expect(bench.read(`custom_nodes/${pack.name}/settings.ini`)).toBe('mine');
  expect(existsSync(bench.at('custom_nodes', pack.name, 'gone.py'))).toBe(false);
  expect(await inGit(bench, pack, 'status', '--porcelain')).toBe('?? settings.ini');
  expect(await inGit(bench, pack, 'branch', '--show-current')).toBe('main');
  expect(events.at(-1)).toMatchObject({ type: 'run.finished', ok: true, result: { did: 'update' } });
  const again = await bench.done('update', pack.id);
  expect(again.notes).toEqual([expect.stringContaining('Nothing to do')]);
});

it.each(ways)('%s that has local edits is not touched; --stash keeps them and says where', async (_, lay) => {
  const { pack, bench: opened, first } = await open();
  using bench = opened;
  await lay(bench, pack);
  bench.write(`custom_nodes/${pack.name}/__init__.py`, 'edited');
  const second = await pack.commit({ 'new.py': 'new' });
  const refused = await bench.node('update', pack.id);
  expect([refused.exitCode, refused.failure]).toEqual([
    3,
    expect.objectContaining({ kind: 'refused', because: expect.stringContaining('__init__.py') as string }),
  ]);
  expect(JSON.stringify(refused.failure)).toContain('--stash');
  expect(bench.layout()).toEqual({ [pack.name]: named(first) });
  expect(bench.read(`custom_nodes/${pack.name}/__init__.py`)).toBe('edited');

  const { notes } = await bench.done('update', pack.id, '--stash');
  expect(bench.layout()).toEqual({ [pack.name]: named(second) });
  expect(bench.read(`custom_nodes/${pack.name}/__init__.py`)).toBe('VERSION = "1.0.0"\n');
  const [, where] = /kept in (\S+)/.exec(notes.join('\n')) ?? [];
  expect(bench.read(`${where}/custom_nodes/${pack.name}/__init__.py`)).toBe('edited');
});

it.each(ways)('%s with a commit of its own is not touched; --stash keeps all of it', async (_, lay) => {
  const { pack, bench: opened } = await open();
  using bench = opened;
  await lay(bench, pack);
  bench.write(`custom_nodes/${pack.name}/own.py`, 'own');
  await inGit(bench, pack, 'add', '.');
  await inGit(bench, pack, 'commit', '--quiet', '-m', 'Own');
  const own = await inGit(bench, pack, 'rev-parse', 'HEAD');
  const second = await pack.commit({ 'new.py': 'new' });
  const refused = await bench.node('update', pack.id);
  expect(refused.failure).toMatchObject({
    kind: 'refused',
    because: expect.stringContaining(own.slice(0, 7)) as string,
  });
  expect(bench.layout()).toEqual({ [pack.name]: named(own) });

  const { notes } = await bench.done('update', pack.id, '--stash');
  expect(bench.layout()).toEqual({ [pack.name]: named(second) });
  const [, where] = /kept as (\S+)/.exec(notes.join('\n')) ?? [];
  expect(await git(['rev-parse', 'HEAD'], { cwd: bench.at(where!) })).toBe(own);
});

it.each(ways)('%s that was pulled by hand is at the newest commit already', async (_, lay) => {
  const { pack, bench: opened } = await open();
  using bench = opened;
  await lay(bench, pack);
  const second = await pack.commit({ 'new.py': 'new' });
  await inGit(bench, pack, 'pull', '--quiet', '--ff-only');
  expect((await bench.done('update', pack.id)).notes).toEqual([expect.stringContaining('Nothing to do')]);
  const third = await pack.commit({ 'newer.py': 'newer' });
  await bench.done('update', pack.id);
  expect(bench.layout()).toEqual({ [pack.name]: named(third) });
  expect(third).not.toBe(second);
});

it('history that was rewritten is not followed by itself', async () => {
  const { pack, bench: opened, first } = await open();
  using bench = opened;
  await bench.done('install', `${pack.id}@nightly`);
  await git(['update-ref', '-d', 'refs/heads/main'], { cwd: `${world.root}/${pack.name}` });
  await pack.commit({ 'other.py': 'other' });
  const refused = await bench.node('update', pack.id);
  expect(refused.failure).toMatchObject({ kind: 'refused', because: expect.stringContaining('rewritten') as string });
  expect(bench.layout()).toEqual({ [pack.name]: named(first) });
});

it('branches of the user in a checkout that is updated are kept', async () => {
  const { pack, bench: opened, first } = await open();
  using bench = opened;
  await cloneByHand(bench, pack.name, pack.repo);
  await inGit(bench, pack, 'branch', 'mine');
  await pack.commit({ 'new.py': 'new' });
  const { notes } = await bench.done('update', pack.id);
  const [, where] = /kept as (\S+)/.exec(notes.join('\n')) ?? [];
  expect(await git(['--git-dir', bench.at(where!), 'rev-parse', 'mine'], { cwd: bench.root })).toBe(first);
});

it('a checkout that is on no branch is not updated, and says what to do', async () => {
  const { pack, bench: opened, first } = await open();
  using bench = opened;
  await cloneByHand(bench, pack.name, pack.repo);
  await inGit(bench, pack, 'checkout', '--quiet', '--detach');
  await pack.commit({ 'new.py': 'new' });
  expect((await bench.node('update', pack.id)).failure).toMatchObject({ kind: 'refused' });
  expect(bench.layout()).toEqual({ [pack.name]: named(first) });
});

it('CNR to nightly and back, four times over, asks nobody and takes milliseconds', async () => {
  const { pack, bench: opened, first } = await open();
  using bench = opened;
  pack.release('1.0.0');
  await bench.done('install', `${pack.id}@1.0.0`);
  await bench.done('install', `${pack.id}@nightly`);
  const asked = world.asked();
  for (let n = 0; n < 4; n += 1) {
    await bench.done('install', `${pack.id}@1.0.0`);
    expect(bench.layout()[pack.name]).toBe('1.0.0');
    await bench.done('install', `${pack.id}@nightly`);
    expect(bench.layout()[pack.name]).toBe(named(first));
  }
  expect(world.asked()).toBe(asked);
  expect(Object.keys(bench.layout())).toHaveLength(2);
});

it('a release that was replaced in place comes back without network, also with an empty .disabled', async () => {
  const { pack, bench: opened } = await open();
  using bench = opened;
  pack.release('1.0.0');
  pack.release('1.1.0');
  await bench.done('install', `${pack.id}@1.0.0`);
  await bench.done('install', `${pack.id}@1.1.0`);
  const asked = world.asked();
  await bench.done('install', `${pack.id}@1.0.0`, '--offline');
  expect(world.asked()).toBe(asked);
  expect(bench.layout()).toEqual({ [pack.name]: '1.0.0' });
});

it('an install.py is reported, and run only when that is asked for, once', async () => {
  const { pack, bench: opened } = await open();
  using bench = opened;
  const script = 'import os\nprint("installing", os.getcwd().split("/")[-1])\nopen("ran.txt", "a").write("x")\n';
  pack.release('1.0.0', { 'install.py': script });
  const silent = await bench.done('install', `${pack.id}@1.0.0`);
  expect(silent.notes.filter((note) => note.includes('install.py, which was not run'))).toHaveLength(1);
  const ran = bench.at('custom_nodes', pack.name, 'ran.txt');
  expect(existsSync(ran)).toBe(false);
  await bench.done('uninstall', pack.id);
  const { events, notes } = await bench.done('install', `${pack.id}@1.0.0`, '--run-install-scripts');
  expect(bench.read(`custom_nodes/${pack.name}/ran.txt`)).toBe('x');
  expect(events).toContainEqual(expect.objectContaining({ type: 'step.output', line: `installing ${pack.name}` }));
  expect(notes.filter((note) => note.includes('which was not run'))).toEqual([]);
  await bench.done('uninstall', pack.id);
  await bench.done('install', `${pack.id}@1.0.0`, '--run-install-scripts');
  expect(bench.read(`custom_nodes/${pack.name}/ran.txt`)).toBe('x');
});

it('an install.py that fails is a failed step with its output; the pack is there', async () => {
  const { pack, bench: opened } = await open();
  using bench = opened;
  pack.release('1.0.0', { 'install.py': 'raise SystemExit("no compiler")\n' });
  const done = await bench.node('install', `${pack.id}@1.0.0`, '--run-install-scripts');
  expect(done.exitCode).toBe(1);
  expect(done.failure).toMatchObject({ kind: 'command', output: [expect.stringContaining('no compiler')] });
  expect(bench.layout()).toEqual({ [pack.name]: '1.0.0' });
});

it('Python packages that a pack asks for are said: nobody installs them behind the lockfile', async () => {
  const { pack, bench: opened } = await open();
  using bench = opened;
  pack.release('1.0.0', { 'requirements.txt': 'numpy\n' });
  const { notes } = await bench.done('install', `${pack.id}@1.0.0`);
  expect(notes).toContainEqual(expect.stringContaining('requirements.txt'));
});

it('a flagged release is installed with a warning', async () => {
  const { pack, bench: opened } = await open();
  using bench = opened;
  pack.release('1.0.0', {}, { status: 'NodeVersionStatusFlagged' });
  const { notes } = await bench.done('install', `${pack.id}@1.0.0`);
  expect(notes).toContainEqual(expect.stringContaining('flagged'));
});

it('a directory that was deleted by hand is made anew', async () => {
  const { pack, bench: opened } = await open();
  using bench = opened;
  pack.release('1.0.0');
  await bench.done('install', `${pack.id}@1.0.0`);
  rmSync(bench.at('custom_nodes', pack.name), { recursive: true });
  await bench.done('install', `${pack.id}@1.0.0`);
  expect(bench.layout()).toEqual({ [pack.name]: '1.0.0' });
  writeFileSync(bench.at('custom_nodes', pack.name, 'x'), '');
  await bench.done('uninstall', pack.id);
  expect(readdirSync(bench.at('.pipeline/receipts')).filter((name) => name.endsWith('.json'))).toEqual([]);
});
