import * as z from 'zod/mini';

import type { Draft } from './draft.ts';
import { addWarning, below, check, type Findings, type Place } from './findings.ts';
import { present } from './present.ts';
import { Lines, PythonVersion } from './python.ts';
import { elementsOf, tidy } from './tidy.ts';

/** One line of a `pip freeze`. `version` is all that stood behind `==`: it may carry a condition and hashes. */
type Package = z.infer<typeof Package>;
const Package = z.object({
  name: z.string().check(z.regex(/^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/, 'Expected the name of a Python package')),
  version: z.optional(z.string()),
  url: z.optional(z.string()),
});

/** `python` of a generation 1 lock: what was installed on the machine that wrote it, as requirement lines. */
export function readFreeze(value: unknown, place: Place, findings: Findings): Pick<Draft, 'python' | 'packages'> {
  if (value === undefined) return { python: {} };
  const at = (name: string): Place => below(place, name);
  const fields = tidy(value, { keys: ['version', 'interpreter', 'packages'] }, place, findings) ?? {};
  const packages = elementsOf(fields['packages'], at('packages'), findings).flatMap(([element, where]) => {
    const named = tidy(element, { keys: Object.keys(Package.shape) }, where, findings);
    const found = named && check(Package, named, where, findings);
    return found === undefined ? [] : [{ ...found, where }];
  });
  const interpreter = check(z.optional(z.string()), fields['interpreter'], at('interpreter'), findings);
  if (interpreter !== undefined)
    addWarning(findings, at('interpreter'), `Not used, as a version has an environment of its own: ${interpreter}`);
  sayOtherMachine(packages, interpreter, at('packages'), findings);
  const lines = packages.map(({ where, ...one }) => {
    const line = check(Lines, render(one, below(where, 'url'), findings), where, findings);
    return line?.[0];
  });
  const version = minorOf(fields['version']);
  return present({
    python: present({
      version: version === undefined ? undefined : check(PythonVersion, version, at('version'), findings),
    }),
    packages: lines.filter((line) => line !== undefined),
  });
}

/** The patch level says where it was frozen, and never decided anything: wheels are of a minor version. */
const minorOf = (version: unknown): unknown =>
  typeof version === 'string' ? (/^3\.\d+/.exec(version)?.[0] ?? version) : version;

/** A package as a requirement. What leads to a file of the other machine, or is for macOS alone, becomes the plain package. */
function render({ name, version, url }: Package, place: Place, findings: Findings): string {
  const plain = (pin: string | undefined): string => (pin === undefined ? name : `${name}==${pin}`);
  if (url !== undefined && !isUsable(url)) {
    const line = plain(version ?? wheelVersion(url));
    addWarning(findings, place, `Not used, as other machines have no such file: ${line} is taken instead of ${url}`);
    return line;
  }
  const line = url === undefined ? plain(version) : `${name} @ ${url}`;
  return macAlone.test(name) && !line.includes(';') ? `${line} ; sys_platform == "darwin"` : line;
}

const isUsable = (url: string): boolean =>
  /^[a-z][\da-z+.-]*:/i.test(url) && !/^file:/i.test(url) && !macWheel.test(url);
const macWheel = /-macosx_[^/]*\.whl(?:$|[?#])/;
const wheelVersion = (url: string): string | undefined =>
  /\/[^/-]+-([^/-]+)-[^/]+\.whl(?:$|[?#])/.exec(decodeURI(url))?.[1];
const macAlone = /^(?:appnope|pyobjc(?:-.*)?|py2app|rumps)$/i;

/** Warns, with the evidence, when a freeze is of a machine that cannot have been Linux with CUDA. */
function sayOtherMachine(
  packages: readonly Package[],
  interpreter: string | undefined,
  place: Place,
  findings: Findings,
): void {
  if (packages.length === 0) return;
  const home = /^\/(?:Users|Library|opt\/homebrew|usr\/local\/Cellar)(?=\/)/.exec(interpreter ?? '')?.[0];
  const torch = packages.find(({ name }) => name.toLowerCase() === 'torch');
  const hasCuda =
    /\+(?:cu|rocm|cpu|xpu)/.test(torch?.version ?? '') || packages.some(({ name }) => /^nvidia[-_]/i.test(name));
  const mac = [
    ...(home === undefined ? [] : [`its interpreter is below ${home}`]),
    ...packages.flatMap(({ name, url = '' }) =>
      macAlone.test(name) || macWheel.test(url) ? [`${name} is for macOS alone`] : [],
    ),
  ];
  const untagged =
    torch === undefined || torch.url !== undefined || hasCuda ? [] : [`torch ${torch.version ?? ''} has no CUDA tag`];
  if (mac.length + untagged.length === 0) return;
  const what = mac.length > 0 ? 'Frozen on macOS' : 'Frozen without CUDA';
  const evidence = [...mac, ...untagged].slice(0, 4).join('; ');
  addWarning(
    findings,
    place,
    `${what}, it seems (${evidence}): the pins stay, and are resolved for the machine that validates`,
  );
}
