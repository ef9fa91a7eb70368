import * as z from 'zod';

import type { Draft } from './draft.ts';
import { addWarning, below, check, type Findings, type Place } from './findings.ts';
import { present } from './present.ts';
import { Lines, PythonVersion } from './python.ts';
import { elementsOf, tidy } from './tidy.ts';

const Package = z.object({
  name: z.string().regex(/^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/, 'Expected the name of a Python package'),
  version: z.string().optional(),
  url: z.string().optional(),
});
type Package = z.infer<typeof Package>;

/** `python` of a generation 1 lock: what was installed where it was written, as requirement lines. */
export function readFreeze(value: unknown, place: Place, findings: Findings): Pick<Draft, 'python' | 'packages'> {
  if (value === undefined) return { python: {} };
  const fields = tidy(value, { keys: ['version', 'interpreter', 'packages'] }, place, findings) ?? {};
  const interpreter = check(z.string().optional(), fields['interpreter'], below(place, 'interpreter'), findings);
  const list = below(place, 'packages');
  const packages = elementsOf(fields['packages'], list, findings).flatMap(([element, where]) => {
    const named = tidy(element, { keys: Object.keys(Package.shape) }, where, findings);
    const found = named && check(Package, named, where, findings);
    return found === undefined ? [] : [[usable(found, where, findings), where] as const];
  });
  if (interpreter !== undefined)
    addWarning(findings, below(place, 'interpreter'), `Not used, a version has an environment of its own: ${interpreter}`);
  const evidence = evidenceOf(packages.map(([one]) => one), interpreter);
  if (evidence.length > 0)
    addWarning(findings, list, `Frozen on a machine of another kind than Linux with CUDA, it seems (${evidence.join('; ')}): the pins stay, and are resolved for the machine that validates`);
  const lines = packages.map(([one, where]) => check(Lines, rendered(one), where, findings)?.[0]);
  const version = minorOf(fields['version']);
  return present({
    python: present({ version: version && check(PythonVersion, version, below(place, 'version'), findings) }),
    packages: lines.filter((line) => line !== undefined),
  });
}
