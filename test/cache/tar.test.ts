import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '#cache';
import * as fc from 'fast-check';
import { packTar } from 'modern-tar';
import { expect, test } from 'vitest';

import { readTar, type TarEntry, type TarMember, writeTar } from '../../cache/tar.ts';
import { lay, listing, temporary } from './rig.ts';

type Header = Parameters<typeof packTar>[0][number]['header'];

const text = (path: string, content: string, mode = 0o644): TarEntry => {
  const bytes = Buffer.from(content);
  return { type: 'file', path, mode, size: bytes.length, from: { text: bytes } };
};

async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const tarOf = (...entries: readonly TarEntry[]): Promise<Buffer> => bytesOf(writeTar(entries));

/** Pieces of a size that no member has. */
async function* inPieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function membersIn(bytes: Uint8Array, mostBytes = 1e9, mostMembers = 1000) {
  const found: (TarMember & { readonly content?: string })[] = [];
  await readTar(inPieces(bytes), { mostBytes, mostMembers }, async (member, body) => {
    const content = await bytesOf(body);
    found.push(member.type === 'file' ? { ...member, content: content.toString() } : member);
  });
  return found;
}

const some = [
  text('b/run', '#!/bin/sh\n', 0o755),
  { type: 'directory', path: 'empty' },
  { type: 'link', path: 'b/python', to: '/usr/bin/python3' },
  text('a', ''),
] satisfies readonly TarEntry[];

test('the same members give the same bytes, in whatever order they come, and whenever', async () => {
  const bytes = await tarOf(...some);
  expect(bytes.equals(await tarOf(...some.toReversed()))).toBe(true);
  expect(sha256Of(bytes)).toBe('976bc84a66115247a8fa1f05d809e42c5d9dc88092acf34998f7bcbc62b61036');
});

test('what is written is read: names of any kind and length, modes, links, empty files and directories', async () => {
  const name = fc
    .array(
      fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
        .filter((part) => !/[\0/\uFFFD]|^\.{1,2}$/.test(part)),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map((parts) => parts.join('/'))
    .filter((path) => path.isWellFormed());
  const content = fc.string({ maxLength: 3000 });
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(name, fc.tuple(content, fc.constantFrom<number | 'link'>(0o644, 0o755, 'link')), { maxKeys: 8 }),
      async (files) => {
        const paths = Object.keys(files);
        const entries = Object.entries(files).flatMap(([path, [words, kind]]): TarEntry[] => {
          if (paths.some((other) => other.startsWith(`${path}/`))) return [];
          if (kind !== 'link') return [text(path, words, kind)];
          return words === '' || /[\0\uFFFD]/.test(words) || !words.isWellFormed()
            ? []
            : [{ type: 'link', path, to: words }];
        });
        const expected = entries.map((entry) =>
          entry.type === 'file'
            ? {
                type: 'file',
                path: entry.path,
                mode: entry.mode,
                size: entry.size,
                content: files[entry.path]![0].toWellFormed(),
              }
            : entry,
        );
        expect(await membersIn(await tarOf(...entries))).toEqual(
          expected.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('other programs read it', async () => {
  const [directory, long] = [temporary(), `${'deep/'.repeat(30)}${'ü'.repeat(80)}`];
  writeFileSync(
    join(directory, 'some.tar'),
    await tarOf(...some, text(long, 'long'), { type: 'link', path: 'l', to: long }),
  );
  execFileSync('tar', ['-xf', 'some.tar'], { cwd: directory });
  expect(readFileSync(join(directory, long), 'utf8')).toBe('long');
  expect(readlinkSync(join(directory, 'l'))).toBe(long);
  expect(readlinkSync(join(directory, 'b/python'))).toBe('/usr/bin/python3');
  expect(lstatSync(join(directory, 'b/run')).mode & 0o777).toBe(0o755);
  expect(lstatSync(join(directory, 'b/run')).mtimeMs).toBe(0);
  expect(listing(join(directory, 'empty'))).toEqual([]);
});

test('a file that is no longer what its entry says is not written', async () => {
  const file = join(lay(temporary(), { file: 'true bytes' }), 'file');
  const entry = (sha256: string, size: number): TarEntry => ({
    type: 'file',
    path: 'f',
    mode: 0o644,
    size,
    from: { file, sha256 },
  });
  expect((await membersIn(await tarOf(entry(sha256Of('true bytes'), 10))))[0]).toMatchObject({ content: 'true bytes' });
  await expect(tarOf(entry(sha256Of('other'), 10))).rejects.toMatchObject({ code: 'EIO', path: file });
  await expect(tarOf(entry(sha256Of('true bytes'), 11))).rejects.toMatchObject({ code: 'EIO', path: file });
});

test('whoever stops reading ends the writing', async () => {
  for await (const chunk of writeTar([text('a', 'x'.repeat(100)), text('b', 'x')])) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
});

const hostile: Readonly<Record<string, readonly Partial<Header>[]>> = {
  'a name with ..': [{ name: '../x' }],
  'a name with .. in the middle': [{ name: 'a/../../x' }],
  'an absolute name': [{ name: '/x' }],
  'an empty part': [{ name: 'a//x' }],
  'a dot': [{ name: './x' }],
  'a name twice': [{ name: 'x' }, { name: 'x' }],
  'a file below a link': [{ name: 'a', type: 'symlink', linkname: '/tmp' }, { name: 'a/x' }],
  'a file below a file': [{ name: 'a' }, { name: 'a/x' }],
  'a link where a directory is': [{ name: 'a/x' }, { name: 'a', type: 'symlink', linkname: '/tmp' }],
  'a hard link': [{ name: 'a' }, { name: 'b', type: 'link', linkname: 'a' }],
  'a device': [{ name: 'a', type: 'character-device' }],
  'a pipe': [{ name: 'a', type: 'fifo' }],
  'a link to nowhere': [{ name: 'a', type: 'symlink', linkname: '' }],
  'a name of pax with ..': [{ name: 'a', pax: { path: '../x' } }],
};

test.for(Object.keys(hostile))('%s is refused', async (name) => {
  const entries = hostile[name]!.map((header) => ({ header: { name: '', size: 0, ...header } }));
  await expect(membersIn(await packTar(entries))).rejects.toThrow('The tar is refused');
});

test('more bytes or members than it was to hold are refused', async () => {
  const bytes = await tarOf(text('a', '12345'), text('b', '12345'));
  expect(await membersIn(bytes, 10, 2)).toHaveLength(2);
  await expect(membersIn(bytes, 9, 2)).rejects.toThrow('more than it was to hold');
  await expect(membersIn(bytes, 10, 1)).rejects.toThrow('more than it was to hold');
});

test.for([1, 300, 512, 700, 1024, 1600])('cut after %i bytes it is refused', async (length) => {
  const bytes = await tarOf(text('a', 'x'.repeat(600)));
  await expect(membersIn(bytes.subarray(0, length))).rejects.toThrow('runcated');
});

test('a flipped bit in a header is refused', async () => {
  const bytes = await tarOf(text('a', 'x'));
  bytes[101]! ^= 1;
  await expect(membersIn(bytes)).rejects.toThrow('checksum');
});

test('where its source breaks, so does the reading', async () => {
  const bytes = await tarOf(text('a', 'x'.repeat(2000)));
  const source = async function* () {
    yield bytes.subarray(0, 1000);
    throw new Error('the disk');
  };
  await expect(readTar(source(), { mostBytes: 1e9 }, async (_, body) => void (await bytesOf(body)))).rejects.toThrow(
    'the disk',
  );
});

test('whoever takes members may give up', async () => {
  const bytes = await tarOf(text('a', 'x'.repeat(100_000)), text('b', 'x'));
  await expect(
    readTar(inPieces(bytes), { mostBytes: 1e9 }, () => Promise.reject(new Error('no more'))),
  ).rejects.toThrow('no more');
  let taken = 0;
  await readTar(inPieces(bytes), { mostBytes: 1e9 }, async () => void taken++);
  expect(taken).toBe(2);
});
