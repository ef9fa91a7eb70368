import { join } from 'node:path';

import { namesIn } from '../if-there.ts';
import { readSmall } from '../read-small.ts';
import { normalName } from './wheel-name.ts';

/** A package as it is installed. `url` is where it came from when that was no index. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly url?: string;
}

/** What is installed in a virtual environment. `python` is its full version: `3.11.9`. */
export interface Frozen {
  readonly python?: string;
  readonly packages: readonly InstalledPackage[];
}

const maxBytes = 4 * 1024 * 1024;
const ofPip = new Set(['pip', 'wheel', 'distribute']);

/** What `pip freeze` would say of a virtual environment, read out of its files: no child process, no Python. */
export function freeze(environment: string): Frozen | undefined {
  const settings = readSmall(join(environment, 'pyvenv.cfg'), maxBytes);
  if (settings === undefined) return undefined;
  const python = /^version(?:_info)?\s*=\s*(\d+\.\d+(?:\.\d+)?)/m.exec(settings)?.[1];
  const packages = new Map<string, InstalledPackage>();
  for (const site of sitePackages(environment))
    for (const name of namesIn(site)) {
      const found = readPackage(join(site, name), name);
      if (found && !ofPip.has(normalName(found.name))) packages.set(normalName(found.name), found);
    }
  // pip leaves setuptools out where every environment has it.
  if (/^3\.(?:\d|1[01])(?:\.|$)/.test(python ?? '')) packages.delete('setuptools');
  const sorted = [...packages].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => found);
  return { ...(python === undefined ? {} : { python }), packages: sorted };
}

const sitePackages = (environment: string): readonly string[] => [
  ...namesIn(join(environment, 'lib')).map((name) => join(environment, 'lib', name, 'site-packages')),
  join(environment, 'Lib', 'site-packages'),
];

/** A `.dist-info`, or what was there before those. Where the file is broken, the directory's name says the same. */
function readPackage(path: string, file: string): InstalledPackage | undefined {
  const [, stem = '', kind] = /^(.+)\.(dist|egg)-info$/.exec(file) ?? [];
  if (kind === undefined) return undefined;
  const metadata =
    readSmall(join(path, kind === 'dist' ? 'METADATA' : 'PKG-INFO'), maxBytes) ?? readSmall(path, maxBytes) ?? '';
  const [written = '', release = ''] = stem.replace(/-py3\.\d+$/, '').split('-');
  const name = /^Name: *(\S+)\s*$/m.exec(headOf(metadata))?.[1] ?? written;
  const version = /^Version: *(\S+)\s*$/m.exec(headOf(metadata))?.[1] ?? release;
  if (name === '' || version === '') return undefined;
  const url = urlIn(readSmall(join(path, 'direct_url.json'), maxBytes));
  return { name, version, ...(url === undefined ? {} : { url }) };
}

/** The headers; a description follows an empty line. */
const headOf = (metadata: string): string => metadata.split(/\r?\n\r?\n/, 1)[0] ?? '';

/** Where `direct_url.json` says that a package came from, as requirements spell it. */
function urlIn(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const { url, vcs_info: vcs } = JSON.parse(text) as {
      url?: unknown;
      vcs_info?: { vcs?: unknown; commit_id?: unknown };
    };
    if (typeof url !== 'string') return undefined;
    return vcs === undefined ? url : `${String(vcs.vcs)}+${url}@${String(vcs.commit_id)}`;
  } catch {
    return undefined;
  }
}
