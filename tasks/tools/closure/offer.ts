import { normalName, parseWheelName } from '../python/wheel-name.ts';
import type { ListedFile } from './index-page.ts';
import { rankOf } from './rank.ts';
import { admits, asksForPrerelease, pinsExactly } from './specifier.ts';
import type { Target } from './target.ts';
import { compareVersions, isPrerelease, type PackageVersion, parseVersion, versionText } from './version.ts';

/** One version of a package that can be had for a target, and the one file that it is had from. */
export interface Offer {
  readonly name: string;
  /** In one spelling. */
  readonly version: string;
  readonly file: ListedFile;
  /** Nobody made a wheel of it for the target: it has to be built. */
  readonly isSource: boolean;
}

/**
 * When a source is on offer: where no wheel is one that people asked for, beside wheels for each version that has none, or
 * never.
 */
export type Sources = 'instead' | 'beside' | 'never';

/** What can be had of a package, newest first. `asked` are the specifiers that people wrote themselves. */
export function offersOf(
  name: string,
  files: readonly ListedFile[],
  how: { readonly target: Target; readonly asked: readonly string[]; readonly sources: Sources },
): readonly Offer[] {
  const { target, asked, sources } = how;
  const usable = files
    .filter(({ requiresPython }) => requiresPython === undefined || admits(requiresPython, target.python))
    .flatMap((file) => candidateOf(name, file, target) ?? [])
    .filter(
      ({ version, file }) => !file.yanked || asked.some((one) => pinsExactly(one) && admits(one, versionText(version))),
    );
  const wheels = bestOf(usable.filter(({ isSource }) => !isSource));
  const fits = ({ version }: Candidate): boolean => asked.every((one) => admits(one, versionText(version)));
  const withSources = sources === 'beside' || (sources === 'instead' && !wheels.some(fits));
  const all = withSources ? bestOf(usable) : wheels;
  const finals = all.filter(({ version }) => !isPrerelease(version));
  return (finals.length === 0 || asked.some(asksForPrerelease) ? all : finals)
    .toSorted((a, b) => compareVersions(b.version, a.version))
    .map(({ version, file, isSource }) => ({ name, version: versionText(version), file, isSource }));
}

interface Candidate {
  readonly version: PackageVersion;
  readonly file: ListedFile;
  readonly isSource: boolean;
  /** The lowest is the best file of its version. */
  readonly rank: number;
}

function candidateOf(name: string, file: ListedFile, target: Target): Candidate | undefined {
  if (!file.filename.endsWith('.whl')) {
    const version = parseVersion(sourceVersion(name, file.filename) ?? '');
    return version && { version, file, isSource: true, rank: Infinity };
  }
  const wheel = wheelNameOf(file.filename);
  const version = parseVersion(wheel?.version ?? '');
  const rank = wheel && rankOf(wheel, target);
  return version && rank !== undefined ? { version, file, isSource: false, rank } : undefined;
}

function wheelNameOf(filename: string): ReturnType<typeof parseWheelName> | undefined {
  try {
    return parseWheelName(filename);
  } catch {
    return undefined;
  }
}

/** The version in the name of a source archive; names of early ones have dashes wherever it pleased their authors. */
export function sourceVersion(name: string, filename: string): string | undefined {
  const stem = /^(.*)\.(?:tar\.gz|tgz|tar\.bz2|tar\.xz|zip)$/.exec(filename)?.[1];
  if (stem === undefined) return undefined;
  for (let at = stem.lastIndexOf('-'); at > 0; at = stem.lastIndexOf('-', at - 1))
    if (normalName(stem.slice(0, at)) === name) return stem.slice(at + 1);
  return undefined;
}

/** The best file of each version; between equals the name decides, so that everybody takes the same. */
function bestOf(candidates: readonly Candidate[]): readonly Candidate[] {
  const best = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const key = versionText(candidate.version);
    const other = best.get(key);
    if (other === undefined || precedes(candidate, other)) best.set(key, candidate);
  }
  return [...best.values()];
}

const precedes = (a: Candidate, b: Candidate): boolean =>
  a.rank === b.rank ? a.file.filename > b.file.filename : a.rank < b.rank;
