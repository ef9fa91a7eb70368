import type { WheelName } from '../python/wheel-name.ts';
import { partsOf, type Target } from './target.ts';

/**
 * The C library and the macOS that wheels may ask for without being second choice: what five year old systems have. What
 * asks for more is taken where there is nothing else. The machine at hand is not asked: a lock is the same on all of them.
 */
const usual = { glibc: 28, musl: 2, macos: 14_00 } as const;

/** How well a wheel fits a target: the lowest number is the best, none means not at all. */
export function rankOf({ pythons, abis, platforms }: WheelName, target: Target): number | undefined {
  const ranks = pythons.flatMap((python) =>
    abis.flatMap((abi) =>
      platforms.flatMap((platform) => {
        const [code, place] = [codeRank(python, abi, target), platformRank(platform, target)];
        if (code === undefined || place === undefined) return [];
        // Code that runs anywhere is the last choice, whatever Python it is for.
        return [platform === 'any' ? anywhere + code : code * places + place];
      }),
    ),
  );
  return ranks.length === 0 ? undefined : Math.min(...ranks);
}

/** More than there are ranks of platforms, and of everything that has a platform. */
const places = 100_000;
const anywhere = places * 1_000;

/** Code for exactly this Python, then what is stable from an older one on, then what has no binary interface. */
function codeRank(python: string, abi: string, { python: version }: Target): number | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [kind, wanted] = [python.slice(0, 2), python.slice(2)];
  const isOwn = wanted === `${major}${minor}`;
  const age = wanted === `${major}` ? 0.5 : minor - Number(wanted.slice(1));
  if (!wanted.startsWith(`${major}`) || !(age >= 0)) return undefined;
  if (kind === 'cp' && abi === 'abi3') return isOwn ? 1 : 3 + age;
  if (kind === 'cp' && isOwn) return abi === `cp${wanted}` ? 0 : abi === 'none' ? 2 : undefined;
  return kind === 'py' && abi === 'none' ? 200 + age * 2 : undefined;
}

/** The newest system that is usual comes first, what is newer than usual comes last. */
function platformRank(tag: string, { platform }: Target): number | undefined {
  if (tag === 'any') return 0;
  const { system, machine, musl } = partsOf(platform);
  if (system === 'macosx') {
    const [, major = '', minor = '', arch = ''] = /^macosx_(\d+)_(\d+)_(.+)$/.exec(tag) ?? [];
    const fits = machine === 'arm64' ? /^(?:arm64|universal2)$/ : /^(?:x86_64|universal2|intel|fat64)$/;
    return fits.test(arch) ? distance(Number(major) * 100 + Number(minor), usual.macos) : undefined;
  }
  if (tag === `linux_${machine}`) return usual.glibc + 1;
  const [, family, minor] = /^(manylinux|musllinux)_\d+_(\d+)_/.exec(modern(tag)) ?? [];
  if (family !== (musl ? 'musllinux' : 'manylinux') || !tag.endsWith(`_${machine}`)) return undefined;
  return distance(Number(minor), musl ? usual.musl : usual.glibc);
}

const distance = (wanted: number, most: number): number => (wanted <= most ? most - wanted : 10_000 + wanted);

/** The names that came before the version of the C library was part of them. */
const modern = (tag: string): string =>
  tag.replace(/^manylinux(1|2010|2014)_/, (_, year: string) => `manylinux_2_${{ 1: 5, 2010: 12, 2014: 17 }[year]}_`);
