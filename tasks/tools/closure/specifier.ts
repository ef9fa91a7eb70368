import { comparePublic, compareVersions, type PackageVersion, parseVersion } from './version.ts';

/** Whether a version is one of those that `specifier` (`>=1.26,<3`) admits. What cannot be read admits nothing but itself. */
export const admits = (specifier: string, version: string): boolean =>
  clausesOf(specifier).every((clause) => satisfies(clause, version));

/** Whether a specifier names one version alone: then even one that was withdrawn may be taken. */
export const pinsExactly = (specifier: string): boolean =>
  clausesOf(specifier).some(({ operator, value }) => /^={2,3}$/.test(operator) && !value.endsWith('.*'));

/** Whether a specifier names a prerelease, which is how one is asked for. */
export const asksForPrerelease = (specifier: string): boolean =>
  clausesOf(specifier).some(({ operator, value }) => {
    const { pre, dev } = parseVersion(value) ?? {};
    return operator !== '!=' && (pre !== undefined || dev !== undefined);
  });

interface Clause {
  readonly operator: string;
  readonly value: string;
}

const clausesOf = (specifier: string): readonly Clause[] =>
  specifier
    .split(',')
    .map((text) => /^\s*(===|==|~=|!=|<=|>=|<|>)?\s*(.*?)\s*$/.exec(text))
    .map((match) => ({ operator: match?.[1] ?? '==', value: match?.[2] ?? '' }))
    .filter(({ value }) => value !== '');

function satisfies({ operator, value }: Clause, text: string): boolean {
  if (operator === '===') return text.toLowerCase() === value.toLowerCase();
  const version = parseVersion(text);
  if (version === undefined) return operator === '==' && text === value;
  if (value.endsWith('.*')) {
    const prefix = parseVersion(value.slice(0, -2));
    return prefix !== undefined && hasPrefix(version, prefix) === (operator !== '!=');
  }
  const bound = parseVersion(value);
  return bound !== undefined && compares(operator, version, bound);
}

function compares(operator: string, version: PackageVersion, bound: PackageVersion): boolean {
  const difference = comparePublic(version, bound);
  // What is built locally (`+cu128`) is that version, unless somebody says which build.
  const same = bound.local === undefined ? difference === 0 : compareVersions(version, bound) === 0;
  switch (operator) {
    case '==':
      return same;
    case '!=':
      return !same;
    case '>=':
      return difference >= 0;
    case '<=':
      return difference <= 0;
    // Neither a later fix of the bound itself is newer than it, nor a candidate for it older.
    case '>':
      return difference > 0 && !(version.post !== undefined && bound.post === undefined && sameBase(version, bound));
    case '<':
      return difference < 0 && !(isEarly(version) && !isEarly(bound) && sameBase(version, bound));
    default:
      return difference >= 0 && hasPrefix(version, { ...bound, release: bound.release.slice(0, -1) });
  }
}

const isEarly = ({ pre, dev }: PackageVersion): boolean => pre !== undefined || dev !== undefined;

const sameBase = (a: PackageVersion, b: PackageVersion): boolean =>
  comparePublic({ epoch: a.epoch, release: a.release }, { epoch: b.epoch, release: b.release }) === 0;

const hasPrefix = (version: PackageVersion, { epoch, release }: PackageVersion): boolean =>
  version.epoch === epoch && release.every((part, at) => part === (version.release[at] ?? 0));
