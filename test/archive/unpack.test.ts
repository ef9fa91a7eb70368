import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

import { Failed } from '#engine';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { openArchive } from '../../tasks/tools/archive/archive.ts';
import { readDirectory } from '../../tasks/tools/archive/directory.ts';
import { type Around, type Entry, extraField, zip } from '../rig/zip.ts';

let directory: string;
let file: string;
let into: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'archive-'));
  file = join(directory, 'node.zip');
  into = join(directory, 'fresh');
});

afterEach(() => rmSync(directory, { recursive: true }));

function unpack(entries: readonly Entry[] | Buffer, around?: Around): Promise<readonly string[]> {
  writeFileSync(file, Buffer.isBuffer(entries) ? entries : zip(entries, around));
  return openArchive().unpack({ file, into, kind: 'node' });
}

/** Why an archive was refused; nothing of it is anywhere. */
async function refusal(
  entries: readonly Entry[] | Buffer,
  around?: Around,
): Promise<{ what: string; because: string }> {
  const error: unknown = await unpack(entries, around).then(
    (files) => new Error(`It was unpacked: ${files.join(', ')}`),
    (thrown: unknown) => thrown,
  );
  expect(existsSync(into)).toBe(false);
  expect(readdirSync(directory)).toEqual(['node.zip']);
  if (error instanceof Failed && error.failure.kind === 'refused') return error.failure;
  throw error;
}

const clean: readonly Entry[] = [
  { name: 'pack/', mode: 0o040_755 },
  { name: 'pack/z.py', data: 'print(1)\n', mode: 0o100_644 },
  { name: 'pack/run.sh', data: '#!/bin/sh\n', mode: 0o104_711 },
  { name: 'pack/sub/empty.txt' },
  { name: 'pack/sub/größe.txt', data: 'stored', method: 0 },
  { name: 'pack/nothing/', attributes: 0x10 },
  { name: 'A.txt', data: 'x'.repeat(10_000), flags: 0x808, mode: 0o100_666 },
];

test('a clean archive is laid out as it is', async () => {
  const files = ['A.txt', 'pack/run.sh', 'pack/sub/empty.txt', 'pack/sub/größe.txt', 'pack/z.py'];
  expect(await unpack(clean)).toEqual(files);
  expect((readdirSync(into, { recursive: true }) as string[]).toSorted()).toEqual(
    [...files, 'pack', 'pack/nothing', 'pack/sub'].toSorted(),
  );
  expect(readFileSync(join(into, 'pack/z.py'), 'utf8')).toBe('print(1)\n');
  expect(readFileSync(join(into, 'pack/sub/größe.txt'), 'utf8')).toBe('stored');
  expect(readFileSync(join(into, 'A.txt'), 'utf8')).toBe('x'.repeat(10_000));
  const modes = files.map((name) => [name, (statSync(join(into, name)).mode & 0o7777).toString(8)]);
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
  await unpack([
    { name: 'noise', data: noise, method: 0 },
    { name: 'text', data: text },
    { name: 'both', data: Buffer.concat([noise, text]) },
  ]);
  expect(readFileSync(join(into, 'noise')).equals(noise)).toBe(true);
  expect(readFileSync(join(into, 'text')).equals(text)).toBe(true);
  expect(readFileSync(join(into, 'both')).equals(Buffer.concat([noise, text]))).toBe(true);
});

test('an empty archive is an empty directory', async () => {
  expect(await unpack([])).toEqual([]);
  expect(readdirSync(into)).toEqual([]);
});

test('nothing is laid out where something is', async () => {
  mkdirSync(into);
  writeFileSync(join(into, 'mine'), 'mine');
  await expect(unpack(clean)).rejects.toThrow(/empty directory/);
  expect(readdirSync(into)).toEqual(['mine']);
});

test('a stopped run lays out nothing', async () => {
  writeFileSync(file, zip(clean));
  const archive = openArchive({ signal: AbortSignal.abort() });
  await expect(archive.unpack({ file, into, kind: 'node' })).rejects.toMatchObject({ failure: { kind: 'cancelled' } });
  expect(existsSync(into)).toBe(false);
});

const bytes = Buffer.from('twelve bytes');
const large = Buffer.alloc(2_000_000, 'some text that packs well ');

/** An entry whose field `id` is the given bytes. */
const withExtra = (id: number, data: Buffer): Entry => ({ name: 'evil', data: bytes, extra: extraField(id, data) });
const unicodePath = (name: string): Buffer => {
  const header = Buffer.alloc(5);
  header.writeUInt8(1);
  header.writeUInt32LE(crc32(Buffer.from('evil')), 1);
  return Buffer.concat([header, Buffer.from(name)]);
};

test.each<[string, Entry, RegExp]>([
  ['a symbolic link', { name: 'evil', data: '/etc/passwd', mode: 0o120_777 }, /symbolic link/],
  ['a device', { name: 'evil', mode: 0o020_666 }, /neither a file nor a directory/],
  ['a pipe', { name: 'evil', mode: 0o010_666 }, /neither a file nor a directory/],
  ['a hard link', withExtra(0x000d, Buffer.concat([Buffer.alloc(12), Buffer.from('/etc/passwd')])), /hard link/],
  ['a directory without slash', { name: 'evil', mode: 0o040_755 }, /directory by its attributes/],
  ['a directory with bytes', { name: 'evil/', data: bytes }, /directory with bytes/],
  ['an encrypted entry', { name: 'evil', data: bytes, flags: 0x801 }, /encrypted/],
  ['an unusual method', { name: 'evil', data: bytes, method: 14 }, /method 14/],
  ['deflate64', { name: 'evil', data: bytes, method: 9 }, /method 9/],
  ['a second name', withExtra(0x7075, unicodePath('other')), /second name, other/],
  ['a second name that counts', { ...withExtra(0x7075, unicodePath('other')), flags: 0 }, /second name, evil/],
  ['a wrong checksum', { name: 'evil', data: bytes, crc: 1 }, /checksum/],
  ['a wrong checksum of a large file', { name: 'evil', data: large, crc: 1 }, /checksum/],
  ['a wrong checksum of a stored file', { name: 'evil', data: bytes, method: 0, crc: 1 }, /checksum/],
  ['more bytes than stated', { name: 'evil', data: bytes, size: 5 }, /larger|zip file/],
  ['more bytes than stated, large', { name: 'evil', data: large, size: 1_900_000 }, /larger/],
  ['fewer bytes than stated', { name: 'evil', data: bytes, size: 50 }, /smaller/],
  ['fewer bytes than stated, large', { name: 'evil', data: large, size: 2_100_000 }, /smaller/],
  ['stored in another size', { name: 'evil', data: bytes, method: 0, size: 5 }, /another size/],
  [
    'bytes after the packed ones',
    { name: 'evil', data: bytes, packed: Buffer.concat([deflateRawSync(bytes), bytes]) },
    /trailing/,
  ],
  ['broken packed bytes', { name: 'evil', data: bytes, packed: Buffer.from('no deflate') }, /zip file/],
  ['cut packed bytes', { name: 'evil', data: large, packed: deflateRawSync(large).subarray(0, -20) }, /unexpected end/],
  ['another name before its bytes', { name: 'evil', data: bytes, local: { name: 'nice' } }, /filename/],
  ['another size before its bytes', { name: 'evil', data: bytes, local: { size: 5 } }, /sizes/],
  ['another checksum before its bytes', { name: 'evil', data: bytes, local: { crc: 5 } }, /crc32/],
  ['another method before its bytes', { name: 'evil', data: bytes, local: { method: 0 } }, /compression method/],
  ['other flags before its bytes', { name: 'evil', data: bytes, local: { flags: 0x801 } }, /bit flag/],
  ['a descriptor that lies', { name: 'evil', data: bytes, flags: 0x808, local: { size: 5 } }, /sizes/],
  ['a directory that is a file before its bytes', { name: 'evil/', local: { name: 'evil!' } }, /filename/],
  ['a path into nowhere', { name: 'evil', sharing: { index: 0, by: 9 } }, /header/],
  ['the bytes of another', { name: 'evil', data: bytes, sharing: { index: 0 }, local: {} }, /filename|overlap/i],
])('%s is refused, and the entry is named', async (_, entry, because) => {
  const failure = await refusal([{ name: 'fine.txt', data: bytes }, entry, { name: 'later.txt', data: bytes }]);
  expect(failure.because).toMatch(because);
  expect(failure.what).toMatch(/node\.zip \((evil|other)\/?\)$/);
});

test.each<[string, readonly Entry[]]>([
  ['climbing out', [{ name: '../evil' }]],
  ['climbing out from below', [{ name: 'a/b/../../../evil' }]],
  ['absolute', [{ name: '/evil' }]],
  ['on a drive', [{ name: 'C:\\evil' }]],
  ['with a backslash', [{ name: '..\\evil' }]],
  ['with a line break', [{ name: 'evil\nb' }]],
  ['ended by NUL', [{ name: 'evil\0.txt' }]],
  ['not UTF-8', [{ name: Buffer.from([0x65, 0x76, 0x69, 0x6c, 0xff]) }]],
  ['a repository', [{ name: '.git/config', data: '[core]\n\tfsmonitor = evil\n' }]],
  ['a disguised repository', [{ name: 'pack/.GIT\u200c/evil' }]],
  ['a list of files of its own', [{ name: '.tracking', data: '../../evil\n' }]],
  [
    'there twice',
    [
      { name: 'evil', data: 'one' },
      { name: 'evil', data: 'two' },
    ],
  ],
  ['equal but for case', [{ name: 'evil' }, { name: 'EVIL' }]],
  ['equal but for Unicode form', [{ name: 'evi\u0301l' }, { name: 'ev\u00edl' }]],
  ['a file and a directory', [{ name: 'evil' }, { name: 'evil/b' }]],
  ['a bomb', [{ name: 'evil', data: Buffer.alloc(11 * 1024 ** 2) }]],
  ['a bomb that lies', [{ name: 'evil', data: Buffer.alloc(30 * 1024 ** 2), size: 1024 }]],
])('a path that is %s is refused', async (_, entries) => {
  expect((await refusal([{ name: 'fine' }, ...entries])).what).toMatch(
    /\(.*(?:evil|ev[^)]*l|\.git|\.tracking|EVIL).*\)$/i,
  );
});

test('entries that overlap are refused', async () => {
  // The quine's shape: one entry's bytes are another entry, header and all.
  const inner = zip([{ name: 'b', data: bytes, method: 0 }]).subarray(0, 31 + bytes.length);
  const outer = { name: 'a', data: inner, method: 0 };
  const failure = await refusal([outer, { name: 'b', data: bytes, method: 0, sharing: { index: 0, by: 31 } }]);
  expect(failure.because).toMatch(/overlap/i);
  expect(failure.what).toMatch(/\(b\)$/);
});

test.each<[string, Around, RegExp]>([
  ['bytes before it', { before: Buffer.from('#!/bin/sh\n') }, /prepended/],
  ['bytes after it', { after: Buffer.from('more') }, /appended|directory/],
  ['another archive before it', { before: zip(clean) }, /prepended/],
  ['another archive after it', { after: zip([{ name: 'other', data: bytes }]) }, /prepended|zip file/],
  ['more entries than it says', { count: 3 }, /trailing|directory/],
  ['fewer entries than it says', { count: 9 }, /directory/],
])('an archive with %s is refused', async (_, around, because) => {
  expect((await refusal(clean, around)).because).toMatch(because);
});

test('of a directory that is too long, no more is read than it takes to say so', async () => {
  writeFileSync(file, zip(clean));
  const archive = openSync(file, 'r');
  expect((await readDirectory(archive, statSync(file).size, 3)).members).toHaveLength(4);
  closeSync(archive);
});

test('an archive that is cut anywhere is refused', async () => {
  const whole = zip(clean);
  for (let length = 0; length < whole.length; length += 37)
    expect((await refusal(whole.subarray(0, length))).because).toMatch(/no sound zip file/);
});

test('an archive with any byte changed is refused, or means the same', async () => {
  const whole = zip(clean);
  const expected = [await unpack(whole), ...clean.map(({ data }) => data ?? '')];
  const meanings = new Set<string>();
  let refusals = 0;
  for (let at = 0; at < whole.length; at++) {
    rmSync(into, { recursive: true, force: true });
    const bent = Buffer.from(whole);
    bent[at]! ^= 0x04;
    try {
      const files = await unpack(bent);
      const contents = clean.map(({ name }) =>
        String(name).endsWith('/') ? '' : readFileSync(join(into, String(name)), 'utf8'),
      );
      meanings.add(JSON.stringify([files, ...contents]));
    } catch (error) {
      refusals += Number(error instanceof Failed && error.failure.kind === 'refused');
      if (!(error instanceof Failed)) throw error;
    }
  }
  // What is not refused are times, versions and attributes: the files and their bytes are the same.
  expect([...meanings]).toEqual([JSON.stringify(expected)]);
  expect(refusals).toBeGreaterThan(whole.length / 3);
});
