import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Content } from '#cache';
import { Failed } from '#engine';
import { afterEach, beforeEach, expect } from 'vitest';

import { openArchive } from '../../tasks/tools/archive/archive.ts';
import { type Around, type Entry, zip } from './zip.ts';

/** A directory with one archive in it, for each test of the file that asks. */
export interface Archives {
  readonly file: string;
  /** Where it is laid out; absent at first. */
  readonly into: string;
  unpack(entries: readonly Entry[] | Buffer, around?: Around): Promise<ReadonlyMap<string, Content>>;
  /** Why an archive was refused, of which nothing is anywhere. */
  refusal(
    entries: readonly Entry[] | Buffer,
    around?: Around,
  ): Promise<{ readonly what: string; readonly because: string }>;
}

/** Sets up before each test, and clears away after it. */
export function archives(): Archives {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'archive-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const file = (): string => join(directory, 'node.zip');
  const into = (): string => join(directory, 'fresh');
  const unpack: Archives['unpack'] = (entries, around) => {
    writeFileSync(file(), Buffer.isBuffer(entries) ? entries : zip(entries, around));
    return openArchive().unpack({ file: file(), into: into(), kind: 'node' });
  };
  return {
    get file() {
      return file();
    },
    get into() {
      return into();
    },
    unpack,
    async refusal(entries, around) {
      const error: unknown = await unpack(entries, around).then(
        (files) => new Error(`It was unpacked: ${[...files.keys()].join(', ')}`),
        (thrown: unknown) => thrown,
      );
      expect(existsSync(into())).toBe(false);
      expect(readdirSync(directory)).toEqual(['node.zip']);
      if (error instanceof Failed && error.failure.kind === 'refused') return error.failure;
      throw error;
    },
  };
}

/** A clean archive with some of everything. */
export const clean: readonly Entry[] = [
  { name: 'pack/', mode: 0o040_755 },
  { name: 'pack/z.py', data: 'print(1)\n', mode: 0o100_644 },
  { name: 'pack/run.sh', data: '#!/bin/sh\n', mode: 0o104_711 },
  { name: 'pack/sub/empty.txt' },
  { name: 'pack/sub/größe.txt', data: 'stored', method: 0 },
  { name: 'pack/nothing/', attributes: 0x10 },
  { name: 'A.txt', data: 'x'.repeat(10_000), flags: 0x808, mode: 0o100_666 },
];
