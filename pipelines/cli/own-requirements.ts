import { Failed } from '#engine';
import type { Requirement } from '../../tasks/requirement.ts';
import { readRequirements } from '../../tasks/tools/python/requirements.ts';
import type { Version } from '../documents/version.ts';

/** What a version itself asks of Python. */
export interface OwnRequirements {
  readonly packages: readonly Requirement[];
  readonly overrides: readonly Requirement[];
  /** Sentences about what was left out of the lines. */
  readonly dropped: readonly string[];
}

/** Reads the requirement lines of a version. Throws `refused` or `document` on what may not be taken. */
export function ownRequirements({ python }: Version): OwnRequirements {
  const packages = readOwn(python.packages, 'python_packages');
  const words = readOwn([python.pip_extra_args ?? ''], 'options.pip_extra_args');
  const overrides = readOwn(python.overrides, 'python.overrides');
  const nameless = overrides.requirements.find(({ name }) => name === undefined);
  if (nameless !== undefined)
    throw new Failed({
      kind: 'refused',
      what: `${nameless.line} in python.overrides`,
      because: 'it does not say which package it overrides',
      hint: `write name @ ${nameless.line}`,
    });
  return {
    packages: [...packages.requirements, ...words.requirements],
    overrides: overrides.requirements,
    dropped: [packages, words, overrides].flatMap(({ dropped }) => dropped),
  };
}

function readOwn(lines: readonly string[], where: string) {
  const { requirements, dropped } = readRequirements(lines.join('\n'), where);
  const found = requirements.map(({ line, name, source }): Requirement => ({
    line,
    where,
    ...(name === undefined ? {} : { name }),
    ...(source === undefined ? {} : { source }),
  }));
  return { requirements: found, dropped };
}
