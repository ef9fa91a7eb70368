import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

import { Failed } from '#engine';
import { expect, test } from 'vitest';

import { archives, clean } from '../rig/archives.ts';
import { type Around, type Entry, extraField, zip } from '../rig/zip.ts';

const rig = archives();

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
  ['a second name that counts', { ...withExtra(0x7075, unicodePath('other')), flags: 0 }, /second name, other/],
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
  [
    'bytes after the packed ones, large',
    { name: 'evil', data: large, packed: Buffer.concat([deflateRawSync(large), bytes]) },
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
  const failure = await rig.refusal([{ name: 'fine.txt', data: bytes }, entry, { name: 'later.txt', data: bytes }]);
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
  expect((await rig.refusal([{ name: 'fine' }, ...entries])).what).toMatch(
    /\(.*(?:evil|ev[^)]*l|\.git|\.tracking|EVIL).*\)$/i,
  );
});

test('entries that overlap are refused', async () => {
  // The quine's shape: one entry's bytes are another entry, header and all.
  const inner = zip([{ name: 'b', data: bytes, method: 0 }]).subarray(0, 31 + bytes.length);
  const outer = { name: 'a', data: inner, method: 0 };
  const failure = await rig.refusal([outer, { name: 'b', data: bytes, method: 0, sharing: { index: 0, by: 31 } }]);
  expect(failure.because).toMatch(/overlap/i);
  expect(failure.what).toMatch(/\(b\)$/);
});

test('bytes between two entries, where another reader may find an archive, are refused', async () => {
  const between = { name: 'evil', data: 'hidden' };
  const whole = zip([{ name: 'a', data: bytes }, between, { name: 'b', data: bytes }]);
  // What the directory does not list lies between what it does.
  const listed = whole.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  const second = whole.indexOf(Buffer.from([0x50, 0x4b, 1, 2]), listed + 1);
  const third = whole.indexOf(Buffer.from([0x50, 0x4b, 1, 2]), second + 1);
  const cut = Buffer.concat([whole.subarray(0, second), whole.subarray(third)]);
  const end = cut.length - 22;
  cut.writeUInt16LE(2, end + 8);
  cut.writeUInt16LE(2, end + 10);
  cut.writeUInt32LE(end - listed, end + 12);
  const failure = await rig.refusal(cut);
  expect(failure.because).toMatch(/belong to no entry/);
  expect(failure.what).toMatch(/\(a\)$/);
});

test('an archive whose comment holds another is refused', async () => {
  const inner = zip([{ name: 'evil', data: bytes }]);
  const outer = zip(clean);
  outer.writeUInt16LE(inner.length, outer.length - 2);
  expect((await rig.refusal(Buffer.concat([outer, inner]))).because).toMatch(/no sound zip file/);
});

test.each<[string, Around, RegExp]>([
  ['bytes before it', { before: Buffer.from('#!/bin/sh\n') }, /prepended/],
  ['bytes after it', { after: Buffer.from('more') }, /extra bytes/],
  ['another archive before it', { before: zip(clean) }, /prepended/],
  ['another archive after it', { after: zip([{ name: 'other', data: bytes }]) }, /prepended|zip file/],
  ['more entries than it says', { count: 3 }, /trailing|directory/],
  ['fewer entries than it says', { count: 9 }, /unexpected end/],
])('an archive with %s is refused', async (_, around, because) => {
  expect((await rig.refusal(clean, around)).because).toMatch(because);
});

test('an archive that is cut anywhere is refused', async () => {
  const whole = zip(clean);
  for (let length = 0; length < whole.length; length += 37)
    expect((await rig.refusal(whole.subarray(0, length))).because).toMatch(/no sound zip file/);
});

test('an archive with any byte changed is refused, or means the same', async () => {
  const whole = zip(clean);
  const expected = [await rig.unpack(whole), ...clean.map(({ data }) => data ?? '')];
  const meanings = new Set<string>();
  let refusals = 0;
  for (let at = 0; at < whole.length; at++) {
    rmSync(rig.into, { recursive: true, force: true });
    const bent = Buffer.from(whole);
    bent[at]! ^= 0x04;
    try {
      const files = await rig.unpack(bent);
      const contents = clean.map(({ name }) =>
        String(name).endsWith('/') ? '' : readFileSync(join(rig.into, String(name)), 'utf8'),
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
