import type { Lockfile } from './lockfile.ts';

/**
 * The text of a lockfile: keys and entries sorted, one entry a line, so that a diff shows what changed and nothing else.
 * `aside` is what stands in it for others.
 */
export const renderLockfile = (lock: Lockfile, aside: { readonly $schema?: string } = {}): string =>
  `${render({ ...aside, ...sortLock(lock) }, '')}\n`;

/** The same lockfile with its entries in the order in which it is written: what is made of it does not depend on another. */
export function sortLock(lock: Lockfile): Lockfile {
  const platforms = lock.python.platforms.map((platform) => ({
    ...platform,
    wheels: platform.wheels
      .map((wheel) => ({ ...wheel, wanted_by: wheel.wanted_by.toSorted() }))
      .toSorted(by('name', 'version')),
  }));
  return {
    ...lock,
    nodes: lock.nodes.toSorted(by('name')),
    models: lock.models.toSorted(by('root', 'path')),
    python: { ...lock.python, platforms: platforms.toSorted(by('platform', 'torch')) },
  };
}

/** Orders by these fields, by code unit. */
const by =
  <T>(...fields: readonly (keyof T)[]) =>
  (a: T, b: T): number => {
    for (const field of fields) {
      const [left, right] = [String(a[field] ?? ''), String(b[field] ?? '')];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  };

/** JSON in which only what holds objects takes more than a line. */
function render(value: unknown, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Array.isArray(value)
    ? value.map((element) => ['', element] as const)
    : Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, field]) => [`${JSON.stringify(key)}: `, field] as const);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const nested = fields.some(([, field]) => holdsObjects(field));
  const deeper = nested ? `${indent}  ` : indent;
  const texts = fields.map(([key, field]) => key + render(field, deeper));
  return nested
    ? `${open}\n${texts.map((text) => deeper + text).join(',\n')}\n${indent}${close}`
    : `${open}${texts.join(', ')}${close}`;
}

const holdsObjects = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (!Array.isArray(value) || value.some(holdsObjects));
