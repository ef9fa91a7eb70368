import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { trackedIn } from '../../tasks/tools/site/git-index.ts';
import { git } from '../rig/git-server.ts';
import { write } from './rig.ts';

const long = `${'directory/'.repeat(450)}deep.py`;
const files = {
  'a.py': '1',
  'a/b.py': '2',
  'a/bc.py': '3',
  'ü.py': '4',
  'run.sh': { program: '5' },
  l: { link: 'a.py' },
};
const names = Object.keys(files).toSorted();

test.each([
  ['version 2', ['--index-version=2'], 'sha1'],
  ['version 3', ['--index-version=3'], 'sha1'],
  ['version 4', ['--index-version=4'], 'sha1'],
  ['version 4 with long ids', ['--index-version=4'], 'sha256'],
  ['a split index', ['--split-index'], 'sha1'],
] as const)('trackedIn() reads what real git wrote: %s', async (_, how, format) => {
  using directory = mkdtempDisposableSync(join(tmpdir(), 'git-index-'));
  const cwd = directory.path;
  await git(['init', '--quiet', `--object-format=${format}`, '.'], { cwd });
  write(cwd, { ...files, 'untracked.py': '6' });
  await git(['add', '--', ...names.slice(0, 3)], { cwd });
  await git(['update-index', ...how], { cwd });
  await git(['add', '--', ...names], { cwd });
  // Makes an entry an extended one, for which version 3 is there.
  await git(['add', '--intent-to-add', '--', 'untracked.py'], { cwd });
  const person = ['-c', 'user.name=a', '-c', 'user.email=a@b'];
  await git([...person, 'commit', '--quiet', '--message=one'], { cwd });
  expect(trackedIn(join(cwd, '.git')).toSorted()).toEqual([...names, 'untracked.py'].toSorted());
});

test('trackedIn() reads names that are too long for their length to be written, and leaves submodules out', async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), 'git-index-'));
  const cwd = directory.path;
  await git(['init', '--quiet', '.'], { cwd });
  const blob = await git(['hash-object', '-w', '--stdin'], { cwd, input: Buffer.from('1') });
  const entries = [`100644 ${blob}\t${long}`, `100644 ${blob}\tz.py`, `160000 ${blob}\tmodule`].join('\n');
  await git(['update-index', '--index-info'], { cwd, input: Buffer.from(`${entries}\n`) });
  expect(trackedIn(join(cwd, '.git'))).toEqual([long, 'z.py']);
});

test('trackedIn() answers nothing where there is no index, or what is there is none', async () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), 'git-index-'));
  expect(trackedIn(join(directory.path, 'none'))).toEqual([]);
  for (const bytes of ['', 'DIRC', 'DIRC\0\0\0\x02\0\0\0\x09short', 'something else']) {
    writeFileSync(join(directory.path, 'index'), bytes, 'latin1');
    expect(trackedIn(directory.path)).toEqual([]);
  }
});
