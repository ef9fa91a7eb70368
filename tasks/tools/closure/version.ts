/** A version of a Python package, as its standard orders them. */
export interface PackageVersion {
  readonly epoch: number;
  readonly release: readonly number[];
  /** `a`, `b` or `rc` with its number. */
  readonly pre?: readonly [letter: string, number: number];
  readonly post?: number;
  readonly dev?: number;
  /** What stands behind `+`: `cu128` of `2.9.0+cu128`. */
  readonly local?: string;
}

const shape =
  /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>\d*))?(?:-(?<implicitPost>\d+)|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>\d*))?(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>\d*))?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

const spellings: Readonly<Record<string, string>> = { alpha: 'a', beta: 'b', c: 'rc', pre: 'rc', preview: 'rc' };

/** The version behind a text, or nothing when it is none. */
export function parseVersion(text: string): PackageVersion | undefined {
  const parts = shape.exec(text.trim().toLowerCase())?.groups;
  if (parts === undefined) return undefined;
  const { epoch, release, pre, preNumber, implicitPost, post, postNumber, dev, devNumber, local } = parts;
  const postRelease = implicitPost ?? (post === undefined ? undefined : postNumber);
  return {
    epoch: Number(epoch ?? 0),
    release: release!.split('.').map(Number),
    ...(pre === undefined ? {} : { pre: [spellings[pre] ?? pre, Number(preNumber)] as const }),
    ...(postRelease === undefined ? {} : { post: Number(postRelease) }),
    ...(dev === undefined ? {} : { dev: Number(devNumber) }),
    ...(local === undefined ? {} : { local: local.replaceAll(/[-_]/g, '.') }),
  };
}

/** Whether it is an alpha, a beta, a candidate or a development release: nobody gets one who did not ask for it. */
export const isPrerelease = ({ pre, dev }: PackageVersion): boolean => pre !== undefined || dev !== undefined;

/** Negative when `a` is older than `b`. */
export function compareVersions(a: PackageVersion, b: PackageVersion): number {
  return comparePublic(a, b) || compareLocal(a.local, b.local);
}

/** The same without what stands behind `+`. */
export function comparePublic(a: PackageVersion, b: PackageVersion): number {
  return (
    a.epoch - b.epoch ||
    compareReleases(a.release, b.release) ||
    order(phaseOf(a), phaseOf(b)) ||
    (a.pre?.[1] ?? 0) - (b.pre?.[1] ?? 0) ||
    order(a.post ?? -1, b.post ?? -1) ||
    order(a.dev ?? Infinity, b.dev ?? Infinity)
  );
}

/** `1.0` and `1.0.0` are one. */
function compareReleases(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const letters: readonly string[] = ['a', 'b', 'rc'];

/** Where a version stands among those of its release: development releases come first, the release itself comes last. */
function phaseOf({ pre, post, dev }: PackageVersion): number {
  if (pre !== undefined) return letters.indexOf(pre[0]);
  return dev !== undefined && post === undefined ? -1 : letters.length;
}

const order = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

/** Behind `+`, numbers are newer than words, and more is newer than less. */
function compareLocal(a: string | undefined, b: string | undefined): number {
  const [left, right] = [a?.split('.') ?? [], b?.split('.') ?? []];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one, other] = [left[at], right[at]];
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    const difference = compareParts(one, other);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareParts(a: string, b: string): number {
  const [isNumber, otherIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && otherIsNumber) return Number(a) - Number(b);
  if (isNumber !== otherIsNumber) return isNumber ? 1 : -1;
  return a === b ? 0 : a < b ? -1 : 1;
}

/** A version in the one spelling that installers print: `1.0b2.post1+cu128`. */
export const versionText = ({ epoch, release, pre, post, dev, local }: PackageVersion): string =>
  [
    epoch === 0 ? '' : `${epoch}!`,
    release.join('.'),
    pre?.join('') ?? '',
    post === undefined ? '' : `.post${post}`,
    dev === undefined ? '' : `.dev${dev}`,
    local === undefined ? '' : `+${local}`,
  ].join('');
