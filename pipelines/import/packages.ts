import { toFailure } from '#engine';
import type { InstalledPackage } from '../../tasks/tools/python/freeze.ts';
import { readRequirements } from '../../tasks/tools/python/requirements.ts';
import { normalName } from '../../tasks/tools/python/wheel-name.ts';
import { present } from '../documents/present.ts';
import { TorchBuild } from '../documents/python.ts';
import { type Found, type FoundPackage, guessed, type Line, lost, taken } from './found.ts';

type Packages = Pick<Found, 'packages' | 'python' | 'lines'>;

const torchFamily = /^torch(?:vision|audio)?$/;
/** Packages that others bring along in the one version they need. */
const brought: readonly (readonly [names: RegExp, why: string])[] = [
  [/^(?:nvidia-.+|triton|pytorch-triton(?:-.+)?)$/, 'torch brings the one it needs'],
  [/^comfyui-(?:frontend-package|workflow-templates(?:-.+)?|embedded-docs)$/, 'ComfyUI asks for the one it needs'],
];
const elsewhere: readonly (readonly [names: RegExp, platform: string, name: string])[] = [
  [/^(?:pywin32(?:-ctypes)?|pypiwin32|pywinpty|windows-curses|comtypes|wmi)$/, 'win32', 'Windows'],
  [/^(?:appnope|pyobjc(?:-.+)?|rumps)$/, 'darwin', 'macOS'],
];

/** What a freeze of somebody's environment means for any environment: pins, without what belongs to one machine. */
export function readPackages(frozen: readonly InstalledPackage[]): Packages {
  const packages: FoundPackage[] = [];
  const lines: Line[] = [];
  for (const one of frozen) {
    const read = readOne(one);
    if ('fate' in read) lines.push(read);
    else packages.push(read);
  }
  const torch = frozen.find(({ name }) => normalName(name) === 'torch');
  const build = TorchBuild.safeParse(torch?.version.split('+')[1]).data;
  if (build !== undefined) lines.unshift(taken(`torch ${build}`, `the build of torch ${torch?.version ?? ''}`));
  return { packages, lines, python: present({ torch: build }) };
}

function readOne({ name, version, url }: InstalledPackage): FoundPackage | Line {
  const normal = normalName(name);
  if (url?.startsWith('file:')) return lost(`package ${name}`, 'it came from a file of that machine');
  if (url !== undefined) return checked(`${name} @ ${url}`, taken(`package ${name}`, 'from the URL it came from'));
  const what = `package ${name}==${version}`;
  const [, why] = brought.find(([names]) => names.test(normal)) ?? [];
  if (why !== undefined) return lost(what, why);
  const [, platform, system] = elsewhere.find(([names]) => names.test(normal)) ?? [];
  if (platform !== undefined)
    return checked(`${name}==${version} ; sys_platform == "${platform}"`, taken(what, `on ${system} alone`));
  const [release = '', local] = version.split('+');
  if (local === undefined) return checked(`${name}==${version}`, taken(what, 'pinned'));
  const line = torchFamily.test(normal)
    ? taken(what, `as ${name}==${release}, the build is chosen apart`)
    : guessed(what, `as ${name}==${release}: no index has the build ${local} of somebody's machine`);
  return checked(`${name}==${release}`, line);
}

/** A package, unless a version may not ask for it so. */
function checked(requirement: string, line: Line): FoundPackage | Line {
  try {
    readRequirements(requirement, 'the source');
    return { requirement, line };
  } catch (error) {
    const failure = toFailure(error);
    return lost(line.what, failure.kind === 'refused' ? failure.because : 'it is no requirement that pip would read');
  }
}

/** The `pips` of a snapshot: `name==version` with nothing beside it, or a name and where it came from. */
export function readPips(pips: Readonly<Record<string, string | null>>): Packages {
  const frozen: InstalledPackage[] = [];
  const lines: Line[] = [];
  for (const [key, url] of Object.entries(pips)) {
    const [, name, version] = /^([A-Za-z0-9][\w.-]*)===?([^\s;]+)$/.exec(key.trim()) ?? [];
    if (url) frozen.push({ name: key.trim(), version: '', url });
    else if (name !== undefined && version !== undefined) frozen.push({ name, version });
    else lines.push(lost(`package ${key.trim()}`, 'it is no pinned package'));
  }
  const read = readPackages(frozen);
  return { ...read, lines: [...read.lines, ...lines] };
}
