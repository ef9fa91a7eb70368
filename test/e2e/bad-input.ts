const commit = 'c'.repeat(40);

/** The version that is there. */
export const good = { schema_version: 2, version_id: 'good', comfy: { repo: 'https://git.invalid/core', commit } };
/** What its lockfile pins. */
export const pins = {
  core: { repo: 'https://git.invalid/core', commit },
  nodes: [],
  models: [],
  python: { version: '3', platforms: [{ platform: 'any', wheels: [] }] },
};

/** A command line that is wrong, and what a person must read. */
export interface Case {
  readonly what: string;
  readonly args: readonly string[];
  readonly exitCode: 2 | 3;
  readonly says: readonly (string | RegExp)[];
}

/** Command lines that make no sense. */
export const commandLines: readonly Case[] = [
  { what: 'no version named', args: ['realize'], exitCode: 2, says: ['realize needs a version'] },
  { what: 'no version named to validate', args: ['validate'], exitCode: 2, says: ['validate needs <id>'] },
  { what: 'an id with ../', args: ['realize', '../good'], exitCode: 2, says: ['../good'] },
  { what: 'an id that is absolute', args: ['validate', '/etc/passwd'], exitCode: 2, says: ['/etc/passwd'] },
  { what: 'an unknown id', args: ['realize', 'goood'], exitCode: 3, says: ['goood', /did you mean `?good`?\?/] },
  { what: 'an unknown verb', args: ['realise', 'good'], exitCode: 2, says: ['realise', 'did you mean realize?'] },
  {
    what: 'an unknown flag',
    args: ['realize', 'good', '--ofline'],
    exitCode: 2,
    says: ['--ofline', 'did you mean --offline?'],
  },
  { what: 'no jobs', args: ['realize', 'good', '--jobs', '0'], exitCode: 2, says: ['--jobs', '0'] },
  { what: 'jobs that are no number', args: ['realize', 'good', '--jobs=many'], exitCode: 2, says: ['--jobs', 'many'] },
  {
    what: 'a flag without its value',
    args: ['realize', 'good', '--target'],
    exitCode: 2,
    says: ['--target needs a value'],
  },
  {
    what: 'an unknown choice',
    args: ['realize', 'good', '--installer', 'pipp'],
    exitCode: 2,
    says: ['pipp', 'did you mean pip?'],
  },
  { what: 'two versions', args: ['realize', 'good', 'other'], exitCode: 2, says: ['good other'] },
  {
    what: 'two versions in two ways',
    args: ['realize', 'good', '--version-id', 'other'],
    exitCode: 2,
    says: ['good and other'],
  },
];
