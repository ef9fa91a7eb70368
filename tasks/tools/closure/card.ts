import { crc32 } from 'node:zlib';

import { holds, type MarkerEnvironment } from './marker.ts';
import type { Metadata } from './metadata.ts';
import { indexWishText, parseWish, type Wish } from './wish.ts';

/** What one version of a package asks for on the target: conditions are decided, only those on extras are left. */
export interface Card {
  readonly name: string;
  readonly version: string;
  readonly needs: readonly Need[];
}

/** One thing that a package asks for; with `onlyFor`, when somebody asks for that extra of it. */
export interface Need {
  readonly wish: Wish;
  readonly onlyFor?: string;
}

/** A version that there is none of. */
const none = '<0.dev0';

/** What is known from elsewhere of the packages that a package asks for. */
interface Standing {
  /** Whoever overrides them says which version it is: nobody else has a say. */
  readonly overridden: ReadonlySet<string>;
  /** These come from no index, and are the only ones of their name. */
  readonly held: ReadonlySet<string>;
}

/** Decides every condition of a package's requirements. One that names a place of its own cannot be met. */
export function decide(
  { name, version }: { readonly name: string; readonly version: string },
  metadata: Metadata,
  { environment, overridden, held }: Standing & { readonly environment: MarkerEnvironment },
): Card {
  const needs = metadata.requires.flatMap((line): readonly Need[] => {
    const { marker, ...read } = parseWish(line) ?? { name: '', extras: [], specifier: '' };
    if (read.name === '') return [];
    const isElsewhere = read.url !== undefined && !held.has(read.name) && !overridden.has(read.name);
    const wish = isElsewhere ? { ...read, specifier: none } : read;
    if (marker === undefined || holds(marker, environment)) return [{ wish }];
    return metadata.extras.filter((extra) => holds(marker, environment, extra)).map((onlyFor) => ({ wish, onlyFor }));
  });
  return { name, version, needs };
}

/** The METADATA that a solver reads of a card. `overridden` packages are wanted in any version. */
export function cardText({ name, version, needs }: Card, { overridden }: Pick<Standing, 'overridden'>): string {
  const extras = new Set(needs.flatMap(({ onlyFor }) => onlyFor ?? []));
  const lines = needs.map(({ wish, onlyFor }) => {
    const wanted = indexWishText(overridden.has(wish.name) ? { ...wish, specifier: '' } : wish);
    return `Requires-Dist: ${wanted}${onlyFor === undefined ? '' : ` ; extra == "${onlyFor}"`}\n`;
  });
  const head = `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`;
  return [head, ...[...extras].map((extra) => `Provides-Extra: ${extra}\n`), ...lines].join('');
}

/** The METADATA of a version that cannot be used: a solver passes it over as it does one for another Python. */
export const unusableText = ({ name, version }: Pick<Card, 'name' | 'version'>): string =>
  `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nRequires-Python: >=99\n`;

/** The file name of a card: a wheel that fits everywhere. */
export const cardName = ({ name, version }: { readonly name: string; readonly version: string }): string =>
  `${name.replaceAll('-', '_')}-${version}-py3-none-any.whl`;

/** A card as a wheel that holds nothing but its METADATA, for solvers that read no other. */
export function cardWheel(card: { readonly name: string; readonly version: string }, metadata: string): Buffer {
  const info = `${card.name.replaceAll('-', '_')}-${card.version}.dist-info`;
  return zipOf([
    [`${info}/METADATA`, metadata],
    [`${info}/WHEEL`, 'Wheel-Version: 1.0\nGenerator: comfy-pipeline\nRoot-Is-Purelib: true\nTag: py3-none-any\n'],
    [`${info}/RECORD`, `${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`],
  ]);
}

/** A zip file whose entries are stored as they are. */
function zipOf(entries: readonly (readonly [name: string, text: string])[]): Buffer {
  const [files, list]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const [path, text] of entries) {
    const [name, data] = [Buffer.from(path), Buffer.from(text)];
    const about = Buffer.alloc(26);
    // Version 2.0, stored, at the first moment that the format knows.
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(0x21, 8);
    about.writeUInt32LE(crc32(data), 10);
    about.writeUInt32LE(data.length, 14);
    about.writeUInt32LE(data.length, 18);
    about.writeUInt16LE(name.length, 22);
    files.push(Buffer.from('PK\x03\x04', 'latin1'), about, name, data);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    list.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), about, place, name);
    at += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(Buffer.concat(list).length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, ...list, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
