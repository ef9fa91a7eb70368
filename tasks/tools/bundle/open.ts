import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { breathe } from '#cache';
import { Failed } from '#engine';

import { blockBytes, endBytes, paddingOf, readHeader } from './tar.ts';

/** Texts in a bundle are held in memory; files are not. */
const mostTextBytes = 64 * 1024 * 1024;
const mostMembers = 2_000_000;

/** An open bundle: its members by name, with where their bytes are. */
export interface OpenBundle extends Disposable {
  readonly sizes: ReadonlyMap<string, number>;
  /** The text of a member. */
  text(name: string): string;
  /** Hands a member's bytes to `take`, a piece at a time, and answers their SHA-256. */
  pour(name: string, take: (chunk: Uint8Array) => void): Promise<string>;
}

/** Something about a bundle that is not as we write it: nothing of it is used. */
export const refuseBundle = (file: string, because: string): Failed =>
  new Failed({ kind: 'refused', what: file, because, hint: 'take another copy of the file, or pack it again' });

/** Opens a bundle and reads where everything is. Throws Failed (absent, refused) on what `pack` does not write. */
export function openBundle(file: string): OpenBundle {
  const input = open(file);
  try {
    const places = placesIn(input, file);
    return bundleOf(input, places, file);
  } catch (error) {
    closeSync(input);
    throw error;
  }
}

function open(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Failed({ kind: 'absent', what: file });
  }
}

interface Place {
  readonly at: number;
  readonly size: number;
}

/** Walks from header to header. Every byte of the file belongs to a member, in the order of their names, or to the end. */
function placesIn(input: number, file: string): ReadonlyMap<string, Place> {
  const stat = fstatSync(input);
  if (!stat.isFile()) throw refuseBundle(file, 'it is no file');
  const places = new Map<string, Place>();
  const header = Buffer.alloc(blockBytes);
  let last = '';
  for (let at = 0; at !== stat.size - endBytes;) {
    if (readSync(input, header, 0, blockBytes, at) !== blockBytes) throw refuseBundle(file, 'it is cut short');
    const found = readHeader(header);
    if (found === undefined) throw refuseBundle(file, `what is at byte ${at} is nothing that \`pipeline pack\` writes`);
    const { name, size } = found;
    if (name <= last) throw refuseBundle(file, `${JSON.stringify(name)} is twice in it, or out of order`);
    places.set(name, { at: at + blockBytes, size });
    last = name;
    at += blockBytes + size + paddingOf(size);
    if (at > stat.size - endBytes) throw refuseBundle(file, 'it is cut short');
    if (places.size > mostMembers) throw refuseBundle(file, `it has more than ${mostMembers} members`);
  }
  return places;
}

const buffer = Buffer.allocUnsafeSlow(1024 * 1024);

function bundleOf(input: number, places: ReadonlyMap<string, Place>, file: string): OpenBundle {
  const placeOf = (name: string): Place => {
    const place = places.get(name);
    if (place === undefined) throw refuseBundle(file, `it has no ${name}`);
    return place;
  };
  return {
    sizes: new Map([...places].map(([name, { size }]) => [name, size])),
    text(name) {
      const { at, size } = placeOf(name);
      if (size > mostTextBytes) throw refuseBundle(file, `${name} has more than ${mostTextBytes} bytes`);
      const bytes = Buffer.alloc(size);
      for (let done = 0; done < size;) {
        const length = readSync(input, bytes, done, size - done, at + done);
        if (length === 0) throw refuseBundle(file, 'it is cut short');
        done += length;
      }
      return bytes.toString();
    },
    async pour(name, take) {
      const { at, size } = placeOf(name);
      const hash = createHash('sha256');
      for (let done = 0; done < size;) {
        const length = readSync(input, buffer, 0, Math.min(buffer.length, size - done), at + done);
        if (length === 0) throw refuseBundle(file, 'it is cut short');
        const chunk = buffer.subarray(0, length);
        hash.update(chunk);
        take(chunk);
        done += length;
        await breathe();
      }
      return hash.digest('hex');
    },
    [Symbol.dispose]: () => closeSync(input),
  };
}
