import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

import { openClaims } from '#cache';

import { claimed } from '../../pipelines/cli/claimed.ts';
import type { Ended } from './rig.ts';
import { checkout } from './rig.ts';
import { small } from './small.ts';

const on = small();

const inTarget = (path: string): string => join(on.bench.target, path);

const remove = (...more: readonly string[]): Promise<Ended> =>
  on.bench.pipeline(['delete', 'small', '--target', on.bench.target, ...more]);

/** Puts a file of the user's. */
function put(path: string, text = 'mine\n'): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

it('what was realized is deleted without a trace; models stay where others may use them', async () => {
  await on.realize();
  const models = join(on.bench.cache, 'models');
  const ended = await remove('--yes');
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  expect(existsSync(on.bench.target)).toBe(false);
  expect(ended.stdout.split('\n')).toEqual([
    expect.stringMatching(new RegExp(`^Deleted small from ${on.bench.target}: \\d+ parts$`)),
    `2 links to models in ${models} stay: other versions may use them`,
    `What was fetched stays in the cache, ${on.bench.cache}`,
    '',
  ]);
  expect(readFileSync(join(models, 'loras/small.safetensors'))).toHaveLength(50_000);
  expect((await on.realize()).built).not.toContain('fetch-core');
});

it("the user's files stay, those that were edited too, and all of them are named", async () => {
  await on.realize();
  const theirs = [
    'output/a.png',
    'output/deep/b.png',
    'custom_nodes/own/__init__.py',
    'custom_nodes/alpha/own.py',
    'notes.txt',
  ];
  for (const path of theirs) put(inTarget(path));
  put(inTarget('custom_nodes/beta/__init__.py'), 'BETA = 100\n');
  put(inTarget('comfy/__pycache__/x.cpython-311.pyc'));
  const ended = await remove('--yes');
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
  for (const path of theirs) expect(readFileSync(inTarget(path), 'utf8')).toBe('mine\n');
  expect(readFileSync(inTarget('custom_nodes/beta/__init__.py'), 'utf8')).toBe('BETA = 100\n');
  expect(readdirSync(on.bench.target).toSorted()).toEqual(['custom_nodes', 'notes.txt', 'output']);
  expect(readdirSync(inTarget('custom_nodes/alpha'))).toEqual(['own.py']);
  expect(ended.stdout).toContain('custom_nodes/beta/__init__.py was edited: it stays\n');
  expect(ended.stdout).toContain(
    'What stays is not of pipeline, or was changed:\n  custom_nodes/ (3 files, 21 B)\n  notes.txt\n  output/ (2 files, 10 B)\n',
  );
});

it('a directory that was deleted from is not deleted from again', async () => {
  await on.realize();
  put(inTarget('output/a.png'));
  await remove('--yes');
  const again = await remove('--yes');
  expect(again.exitCode).toBe(3);
  expect(again.stderr).toContain('pipeline did not make it: it has no .pipeline/target.json');
  expect(existsSync(inTarget('output/a.png'))).toBe(true);
});

it('nothing is deleted when nobody said yes and nobody can be asked', async () => {
  await on.realize();
  const ended = await remove();
  expect(ended).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: 'error: This asks first, and nobody is there to answer\nhint: add --yes\n',
  });
  expect((await on.realize()).built).toEqual([]);
});

/** The same on a terminal, with something typed. */
async function removeOnTerminal(typed: string): Promise<{ readonly exitCode: number; readonly seen: string }> {
  const python = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
  const words = [join(checkout, 'pipelines/cli/launch.cjs'), 'delete', 'small', '--target', on.bench.target];
  const child = spawn('python3', ['-c', python, process.execPath, ...words], {
    cwd: on.bench.project,
    env: { PATH: process.env['PATH'] ?? '', HOME: on.bench.home, COMFY_CACHE_ROOT: on.bench.cache, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text;
    if (text.includes('[y/N]')) child.stdin.write(typed);
  });
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, seen };
}

it.each([
  ['no\n', 0, 'Nothing was deleted', true],
  ['\n', 0, 'Nothing was deleted', true],
  ['y\n', 0, 'Deleted small from', false],
])('on a terminal it asks first: %j', async (typed, exitCode, said, stays) => {
  await on.realize();
  const ended = await removeOnTerminal(typed);
  expect(ended.seen).toContain(`Delete what is ours in ${on.bench.target}? [y/N]`);
  expect(ended).toMatchObject({ exitCode, seen: expect.stringContaining(said) });
  expect(existsSync(inTarget('main.py'))).toBe(stays);
});

it.each<[title: string, target: () => string, because: string]>([
  ['the root', () => '/', 'it is the root of the file system'],
  ['home', () => on.bench.home, 'it is your home directory'],
  ['what home is in', () => on.bench.directory, 'your home directory is in it'],
  ['the cache', () => on.bench.cache, 'it is the cache'],
  ['what is in the cache', () => join(on.bench.cache, 'store'), 'it is in the cache'],
  ['a mount point', () => '/proc', 'something is mounted there'],
  [
    'a file',
    () => join(on.bench.project, 'versions/small.json'),
    'pipeline did not make it: it has no .pipeline/target.json',
  ],
  ['a directory of somebody else', () => on.bench.project, 'pipeline did not make it: it has no .pipeline/target.json'],
  [
    'a link to home',
    () => {
      symlinkSync(on.bench.home, on.bench.at('link'));
      return on.bench.at('link');
    },
    'it is your home directory',
  ],
])('delete refuses %s, also when it bears our mark', async (_, target, because) => {
  const directory = target();
  if (directory.startsWith(on.bench.directory) && !because.startsWith('pipeline'))
    put(join(directory, '.pipeline/target.json'), '{}');
  const ended = await on.bench.pipeline(['delete', 'small', '--target', directory, '--yes']);
  expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
  expect(ended.stderr).toMatch(/^error: Refused to delete \/.*\n/);
  expect(ended.stderr).toContain(`: ${because}\nhint: nothing was deleted; is another --target meant?\n`);
});

it('delete refuses a git work tree of somebody else', async () => {
  await on.realize();
  rmSync(inTarget('.git'), { recursive: true });
  rmSync(inTarget('.pipeline/receipts'), { recursive: true });
  put(inTarget('.git/HEAD'), 'ref: refs/heads/mine\n');
  const ended = await remove('--yes');
  expect(ended.exitCode).toBe(3);
  expect(ended.stderr).toContain('it is a git work tree that pipeline did not make');
  expect(existsSync(inTarget('main.py'))).toBe(true);
});

it('delete refuses the target of another version', async () => {
  await on.realize();
  on.bench.lock('other', {});
  const ended = await on.bench.pipeline(['delete', 'other', '--target', on.bench.target, '--yes']);
  expect(ended.exitCode).toBe(3);
  expect(ended.stderr).toBe(
    `error: Refused to delete ${on.bench.target}: it is a target of small, not of other\n` +
      `hint: \`pipeline delete small --target ${on.bench.target}\` would delete it\n`,
  );
});

it('a target that is not there, of a version that is or is not', async () => {
  const there = await remove('--yes');
  expect(there).toMatchObject({
    exitCode: 3,
    stderr: `error: The target ${on.bench.target} does not exist\nhint: give --target when it is elsewhere\n`,
  });
  const none = await on.bench.pipeline(['delete', 'gone', '--yes', '--remove-spec']);
  expect(none.stderr).toContain('comfy-gone does not exist');
});

it('--remove-spec deletes the documents too, and the target may be gone by then', async () => {
  await on.realize();
  const document = join(on.bench.project, 'versions/small.json');
  expect((await remove('--yes')).exitCode).toBe(0);
  expect(existsSync(document)).toBe(true);
  const ended = await remove('--yes', '--remove-spec');
  expect(ended).toMatchObject({
    exitCode: 0,
    stdout: 'Deleted versions/small.json\nDeleted lockfiles/small.lock.json\n',
  });
  expect(existsSync(document)).toBe(false);
});

it('--remove-spec refuses a version that another one extends, before anything is deleted', async () => {
  await on.realize();
  on.bench.write({ 'versions/child.json': { schema_version: 2, version_id: 'child', extends: 'small' } });
  const ended = await remove('--yes', '--remove-spec');
  expect(ended.stderr).toBe(
    'error: Refused to delete versions/small.json: versions/child.json extends it\nhint: leave --remove-spec out\n',
  );
  expect(existsSync(inTarget('main.py'))).toBe(true);
});

it('a target is found and deleted when its document is gone', async () => {
  await on.realize();
  rmSync(join(on.bench.project, 'versions/small.json'));
  expect((await remove('--yes')).exitCode).toBe(0);
  expect(existsSync(on.bench.target)).toBe(false);
});

it('what was kept of the user’s in the records stays', async () => {
  await on.realize();
  put(inTarget('.pipeline/kept/alpha-1/own.py'));
  const ended = await remove('--yes');
  expect(readFileSync(inTarget('.pipeline/kept/alpha-1/own.py'), 'utf8')).toBe('mine\n');
  expect(readdirSync(inTarget('.pipeline'))).toEqual(['kept']);
  expect(ended.stdout).toContain('  .pipeline/ (1 file, 5 B)\n');
});

it('links of the user stay links, and what they lead to stays', async () => {
  await on.realize();
  const elsewhere = on.bench.at('elsewhere');
  put(join(elsewhere, 'a.png'));
  rmSync(inTarget('output'), { recursive: true });
  symlinkSync(elsewhere, inTarget('output'));
  await remove('--yes');
  expect(lstatSync(inTarget('output')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(elsewhere, 'a.png'), 'utf8')).toBe('mine\n');
});

it('while somebody else works on the target nothing is deleted', async () => {
  await on.realize();
  const claims = openClaims({ directory: join(on.bench.cache, 'claims'), warn: () => undefined });
  const ended = await claimed(claims, on.bench.target, () => remove('--yes'));
  expect(ended).toMatchObject({ exitCode: 7, stdout: '' });
  expect(ended.stderr).toContain(`error: ${on.bench.target} is in use by process ${process.pid} on `);
  expect((await on.realize()).built).toEqual([]);
});
