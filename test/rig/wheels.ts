import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { zip } from './zip.ts';

/** Text or bytes by path. */
type Files = Readonly<Record<string, string | Buffer>>;

/** What a small wheel holds. */
export interface WheelSpec {
  readonly name: string;
  readonly version?: string;
  /** `py3-none-any` unless said otherwise. */
  readonly tag?: string;
  /** Below `site-packages`. */
  readonly files?: Files;
  /** Below `<name>-<version>.data/<scheme>`; scripts are executable. */
  readonly data?: Partial<Record<'scripts' | 'data' | 'headers' | 'purelib' | 'platlib', Files>>;
  /** `entry_points.txt`: section, name, reference. */
  readonly entryPoints?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** `Requires-Dist` lines. */
  readonly requires?: readonly string[];
  /** Changes the entries after their RECORD was written: how a hostile wheel is made. */
  readonly tamper?: (entries: Map<string, Buffer>) => void;
}

/** A wheel's bytes with what a lockfile says of it. */
export interface Wheel {
  readonly filename: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** A real wheel, the same bytes for the same spec. */
export function makeWheel(spec: WheelSpec): Wheel {
  const { name, version = '1.0', tag = 'py3-none-any' } = spec;
  const stem = `${name}-${version}`;
  const info = `${stem}.dist-info`;
  const entries = new Map<string, Buffer>();
  const add = (path: string, content: string | Buffer): void => void entries.set(path, Buffer.from(content));
  for (const [path, content] of Object.entries(spec.files ?? {})) add(path, content);
  for (const [scheme, files] of Object.entries(spec.data ?? {}))
    for (const [path, content] of Object.entries(files)) add(`${stem}.data/${scheme}/${path}`, content);
  const requires = (spec.requires ?? []).map((line) => `Requires-Dist: ${line}\n`).join('');
  add(`${info}/METADATA`, `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n${requires}`);
  add(`${info}/WHEEL`, `Wheel-Version: 1.0\nGenerator: rig\nRoot-Is-Purelib: true\nTag: ${tag}\n`);
  if (spec.entryPoints) add(`${info}/entry_points.txt`, sections(spec.entryPoints));
  const lines = [...entries].map(
    ([path, bytes]) => `${field(path)},sha256=${hash('sha256', bytes, 'base64url')},${bytes.length}\n`,
  );
  add(`${info}/RECORD`, `${lines.join('')}${info}/RECORD,,\n`);
  spec.tamper?.(entries);
  const modeOf = (path: string): number => (path.includes('.data/scripts/') ? 0o100755 : 0o100644);
  const bytes = zip([...entries].map(([path, data]) => ({ name: path, data, method: 0, mode: modeOf(path) })));
  return { filename: `${stem}-${tag}.whl`, bytes, sha256: hash('sha256', bytes) };
}

/** Writes a wheel below `directory`, by its own name. */
export function writeWheel(directory: string, spec: WheelSpec): Wheel & { readonly path: string } {
  const wheel = makeWheel(spec);
  const path = join(directory, wheel.filename);
  writeFileSync(path, wheel.bytes);
  return { ...wheel, path };
}

const field = (path: string): string => (/[",]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path);

const sections = (groups: NonNullable<WheelSpec['entryPoints']>): string =>
  Object.entries(groups)
    .map(
      ([group, entries]) =>
        `[${group}]\n${Object.entries(entries)
          .map(([name, to]) => `${name} = ${to}\n`)
          .join('')}`,
    )
    .join('\n');
