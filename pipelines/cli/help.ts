import { realizing } from './realizing-flags.ts';
import type { Flag, Verb } from './verb.ts';
import { type VerbName, verbs } from './verbs.ts';

/** What `pipeline --help` prints: the verbs, and where to go on. */
export function overview(): string {
  const table: Readonly<Record<string, Verb>> = verbs;
  const [usual, seldom] = apart(Object.keys(table), (name) => table[name]!.seldom);
  const lines = [
    'pipeline: ComfyUI environments as code. A version in, the same directory out.',
    '',
    ...inColumns(usual.map((name) => [name, table[name]!.summary])),
    '',
    `Also: ${seldom.join(', ')}.`,
    'pipeline <verb> --help says more. For example: pipeline realize demo',
  ];
  return `${lines.join('\n')}\n`;
}

/** What `pipeline <verb> --help` prints: how it is written, its flags, an example. */
export function helpFor(name: VerbName): string {
  const { summary, positionals, rest, realizes, flags, example }: Verb = verbs[name];
  const isTold = (flag: Flag): boolean => !realizes || !(Object.values(realizing) as Flag[]).includes(flag);
  const listed = Object.entries(flags).filter(([, flag]) => isTold(flag));
  const [usual, seldom] = apart(listed, ([, flag]) => flag.seldom);
  const usage = [`pipeline ${name} ${positionals.usage}`, listed.length > 0 && '[flags]', rest && `[-- ${rest}]`];
  const lines = [
    `${summary}.`,
    `Usage: ${usage.filter(Boolean).join(' ')}`,
    '',
    ...inColumns(usual.map(([flag, what]) => [nameOf(flag, what), aboutOf(what)])),
    ...(seldom.length > 0 ? [`  Also: ${seldom.map(([flag]) => `--${flag}`).join(', ')}.`] : []),
    ...(realizes ? ['', 'Flags of `pipeline realize` may be given as well.'] : []),
    ...(listed.length > 0 ? [''] : []),
    `For example: ${example}`,
  ];
  return `${lines.join('\n')}\n`;
}

function nameOf(name: string, flag: Flag): string {
  if (flag.takes === 'nothing') return `--${name}`;
  return flag.takes === 'names' ? `--${name} [${flag.value}]` : `--${name} ${flag.value}`;
}

const aboutOf = (flag: Flag): string =>
  flag.takes === 'choice' ? `${flag.about}: ${flag.choices.join(', ')}` : flag.about;

/** What is told in full, and what is only named. */
const apart = <T>(all: readonly T[], isSeldom: (one: T) => true | undefined): readonly [readonly T[], readonly T[]] => [
  all.filter((one) => !isSeldom(one)),
  all.filter(isSeldom),
];

function inColumns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
