import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { contentOf } from '#cache';
import { expect, test } from 'vitest';

import { openArchive } from '../../tasks/tools/archive/archive.ts';
import { readDirectory } from '../../tasks/tools/archive/directory.ts';
import { archives, clean } from '../rig/archives.ts';
import { zip } from '../rig/zip.ts';

const rig = archives();

test('a clean archive is laid out as it is', async () => {
  const files = ['A.txt', 'pack/run.sh', 'pack/sub/empty.txt', 'pack/sub/größe.txt', 'pack/z.py'];
  const contents = await rig.unpack(clean);
  expect([...contents.keys()]).toEqual(files);
  for (const [name, content] of contents) expect(content).toEqual(contentOf(readFileSync(join(rig.into, name))));
  expect((readdirSync(rig.into, { recursive: true }) as string[]).toSorted()).toEqual(
    ['.tracking', ...files, 'pack', 'pack/nothing', 'pack/sub'].toSorted(),
  );
  expect(readFileSync(join(rig.into, '.tracking'), 'utf8')).toBe(files.map((name) => `${name}\n`).join(''));
  expect(readFileSync(join(rig.into, 'pack/z.py'), 'utf8')).toBe('print(1)\n');
  expect(readFileSync(join(rig.into, 'pack/sub/größe.txt'), 'utf8')).toBe('stored');
  expect(readFileSync(join(rig.into, 'A.txt'), 'utf8')).toBe('x'.repeat(10_000));
  const modes = files.map((name) => [name, (statSync(join(rig.into, name)).mode & 0o7777).toString(8)]);
  expect(Object.fromEntries(modes)).toEqual({
    'A.txt': '644',
    'pack/run.sh': '755',
    'pack/sub/empty.txt': '644',
    'pack/sub/größe.txt': '644',
    'pack/z.py': '644',
  });
});

test('large members come out whole, stored and deflated', async () => {
  const noise = randomBytes(3_000_000);
  const text = Buffer.from('the same again and '.repeat(200_000));
  const contents = await rig.unpack([
    { name: 'noise', data: noise, method: 0 },
    { name: 'text', data: text },
    { name: 'both', data: Buffer.concat([noise, text]) },
  ]);
  expect(readFileSync(join(rig.into, 'noise')).equals(noise)).toBe(true);
  expect(readFileSync(join(rig.into, 'text')).equals(text)).toBe(true);
  const both = Buffer.concat([noise, text]);
  expect(readFileSync(join(rig.into, 'both')).equals(both)).toBe(true);
  expect([...contents]).toEqual(Object.entries({ both, noise, text }).map(([name, bytes]) => [name, contentOf(bytes)]));
});

test.each(['', 'a comment of the archive'])(
  'what Python streams, with sizes behind the bytes or in 64 bits, is laid out (%j)',
  async (comment) => {
    const program = `
import sys, zipfile
class Pipe:
    def write(self, data): return sys.stdout.buffer.write(data)
    def flush(self): pass
with zipfile.ZipFile(Pipe(), 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.comment = sys.argv[1].encode()
    archive.writestr('behind.txt', 'text ' * 100)
    with archive.open('long.txt', 'w', force_zip64=True) as file:
        file.write(b'long ' * 100)
    archive.writestr('gr\\u00f6\\u00dfe.txt', 'utf-8')
    with archive.open('later.txt', 'w', force_zip64=True) as file:
        file.write(b'later')
`;
    const files = ['behind.txt', 'größe.txt', 'later.txt', 'long.txt'];
    const streamed = await rig.unpack(execFileSync('python3', ['-c', program, comment]));
    expect([...streamed.keys()]).toEqual(files.toSorted());
    expect(readFileSync(join(rig.into, 'long.txt'), 'utf8')).toBe('long '.repeat(100));
    rmSync(rig.into, { recursive: true });
    const seekable = program.replace('Pipe(), ', 'sys.argv[2], ');
    execFileSync('python3', ['-c', seekable, comment, rig.file]);
    expect([...(await rig.unpack(readFileSync(rig.file))).keys()]).toEqual(files.toSorted());
  },
);

test('an archive of so many entries that only 64 bits can count them is read whole', async () => {
  const program = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as archive:
    for n in range(65_600): archive.writestr(f'{n}', '')
`;
  execFileSync('python3', ['-c', program, rig.file]);
  const archive = openSync(rig.file, 'r');
  const { members, damage, mismatch } = await readDirectory(archive, statSync(rig.file).size, 100_000);
  closeSync(archive);
  expect([members.length, damage, mismatch]).toEqual([65_600, undefined, undefined]);
});

test('an empty archive leaves nothing but its empty list', async () => {
  expect((await rig.unpack([])).size).toBe(0);
  expect(readdirSync(rig.into)).toEqual(['.tracking']);
});

test('nothing is laid out where something is', async () => {
  mkdirSync(rig.into);
  writeFileSync(join(rig.into, 'mine'), 'mine');
  await expect(rig.unpack(clean)).rejects.toThrow(/empty directory/);
  expect(readdirSync(rig.into)).toEqual(['mine']);
});

test('a stopped run lays out nothing', async () => {
  writeFileSync(rig.file, zip(clean));
  const archive = openArchive({ signal: AbortSignal.abort() });
  await expect(archive.unpack({ file: rig.file, into: rig.into, kind: 'node' })).rejects.toMatchObject({
    failure: { kind: 'cancelled' },
  });
  expect(existsSync(rig.into)).toBe(false);
});

test('of a directory that is too long, no more is read than it takes to say so', async () => {
  writeFileSync(rig.file, zip(clean));
  const archive = openSync(rig.file, 'r');
  expect((await readDirectory(archive, statSync(rig.file).size, 3)).members).toHaveLength(4);
  closeSync(archive);
});
