import { Failed, type Interpreter } from '#engine';

import { sitePackagesOf } from './venv.ts';
import { minorOf, normalName, type WheelName } from './wheel-name.ts';

/** The directories at the top of a wheel that have a meaning. Paths have `/` separators. */
export interface Parts {
  /** `demo_lib-1.0.dist-info` */
  readonly distInfo: string;
  /** `demo_lib-1.0.data`, which a wheel may lack. */
  readonly data: string;
}

/** Finds the metadata of a wheel among its files. Throws `refused` unless there is exactly one, of the package and version its file name says. */
export function partsOf(files: readonly string[], wheel: WheelName): Parts {
  const tops = new Set(files.map((file) => file.slice(0, Math.max(file.indexOf('/'), 0))));
  const [distInfo, ...others] = [...tops].filter((top) => top.endsWith('.dist-info'));
  if (distInfo === undefined || others.length > 0)
    throw refused(wheel, `it has ${distInfo === undefined ? 'no' : 'more than one'} .dist-info directory`);
  const stem = distInfo.slice(0, -'.dist-info'.length);
  const dash = stem.indexOf('-');
  const same =
    normalName(stem.slice(0, dash)) === normalName(wheel.name) && sameVersion(stem.slice(dash + 1), wheel.version);
  if (dash < 1 || !same) throw refused(wheel, `inside it calls itself ${stem}`);
  for (const file of ['METADATA', 'WHEEL', 'RECORD'])
    if (!files.includes(`${distInfo}/${file}`)) throw refused(wheel, `it lacks ${distInfo}/${file}`);
  return { distInfo, data: `${stem}.data` };
}

/**
 * Where each file of a wheel goes below a virtual environment, by its path in the wheel.
 * Throws `refused` when a file has no place.
 */
export function layOut(
  files: readonly string[],
  wheel: WheelName,
  interpreter: Interpreter,
): ReadonlyMap<string, string> {
  const { data } = partsOf(files, wheel);
  const site = sitePackagesOf(interpreter);
  const schemes: Readonly<Record<string, string>> = {
    purelib: `${site}/`,
    platlib: `${site}/`,
    scripts: 'bin/',
    data: '',
    headers: `include/site/python${minorOf(interpreter.version)}/${normalName(wheel.name)}/`,
  };
  const places = new Map<string, string>();
  for (const file of files) {
    if (!file.startsWith(`${data}/`)) {
      places.set(file, `${site}/${file}`);
      continue;
    }
    const [, scheme = '', ...rest] = file.split('/');
    const base = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
    if (base === undefined || rest.length === 0) throw refused(wheel, `${file} has no place in an environment`);
    // There, lib64 is a link to lib.
    places.set(file, `${base}${rest.join('/')}`.replace(/^lib64\//, 'lib/'));
  }
  return places;
}

/** Throws `refused`, naming the first of `places` that a package may not take: the environment's own, or one needed twice. */
export function demandFree(places: readonly string[], wheel: WheelName): void {
  const directories = new Set(['bin', 'include', 'lib', 'lib64']);
  for (const place of places)
    for (let at = place.indexOf('/'); at > 0; at = place.indexOf('/', at + 1)) directories.add(place.slice(0, at));
  const taken = new Set<string>();
  for (const place of places) {
    if (reserved.test(place)) throw refused(wheel, `it would replace ${place}, which is the environment's own`);
    if (directories.has(place) || taken.has(place)) throw refused(wheel, `it brings ${place} twice`);
    taken.add(place);
  }
}

const reserved = /^(?:pyvenv\.cfg|bin\/(?:python[\d.]*t?w?|activate(?:_this\.py|\.[^/]*)?)(?:\/.*)?)$/i;

/** Whether two spellings of a version are one: the separators differ from tool to tool. */
const sameVersion = (a: string, b: string): boolean =>
  a.toLowerCase().replaceAll(/[-_.+]+/g, '.') === b.toLowerCase().replaceAll(/[-_.+]+/g, '.');

const refused = (wheel: WheelName, because: string): Failed =>
  new Failed({
    kind: 'refused',
    what: wheel.filename,
    because,
    hint: 'nothing of it was installed: report it to whoever publishes it',
  });
