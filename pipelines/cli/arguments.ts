import { parseArgs } from 'node:util';

import type { Failure } from '#engine';
import { nearest } from '../documents/nearest.ts';
import type { Flag, Verb } from './verb.ts';
import { type FlagsOf, type VerbName, verbs } from './verbs.ts';

/** A command line that makes sense: what to do, to what, and how. `rest` is what came after `--`. */
export type Invocation = {
  readonly [Name in VerbName]: {
    readonly kind: 'run';
    readonly verb: Name;
    readonly positionals: readonly string[];
    readonly flags: FlagsOf<Name>;
    readonly rest: readonly string[];
  };
}[VerbName];

/** A command line that makes none. It is a failure of the engine's union; nothing is thrown, so that nothing is loaded. */
export type Usage = Extract<Failure, { kind: 'usage' }>;

/** What a command line asks for. */
export type Arguments =
  | Invocation
  | { readonly kind: 'help'; readonly verb?: VerbName }
  | { readonly kind: 'version' }
  | Usage;

type Verbs = Readonly<Record<string, Verb>>;
type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];
type Value = true | string | number | readonly string[];

const usage = (problem: string, hint: string): Usage => ({ kind: 'usage', problem, hint });

/** Reads a command line (without the runtime and the script). The verb comes first; `others` are words that could have been meant for one. */
export function parseArguments(
  argv: readonly string[],
  table: Verbs = verbs,
  others: readonly string[] = [],
): Arguments {
  const [first, ...rest] = argv;
  if (first === undefined || first === '--help' || first === '-h') return { kind: 'help' };
  if (first === '--version' || first === '-V') return { kind: 'version' };
  if (first === 'help')
    return rest[0] === undefined ? { kind: 'help' } : parseArguments([rest[0], '--help'], table, others);
  if (first.startsWith('-')) return usage(`${first} comes before the verb`, `write \`pipeline <verb> ... ${first}\``);
  const verb = Object.hasOwn(table, first) ? table[first] : undefined;
  if (verb === undefined)
    return usage(`There is no verb ${first}`, meant(first, [...Object.keys(table), ...others]) ?? see('pipeline'));
  return parseVerb(first, verb, rest);
}

function parseVerb(name: string, verb: Verb, argv: readonly string[]): Arguments {
  const tokens = tokensOf(verb, argv);
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help'))
    return { kind: 'help', verb: name as VerbName };
  const flags: Record<string, Value> = {};
  const positionals: string[] = [];
  let rest: string[] | undefined;
  let names: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') rest = [];
    else if (token.kind === 'option') {
      const value = valueOf(name, verb, token);
      if (typeof value === 'object' && 'kind' in value) return value;
      flags[token.name] = Array.isArray(value) ? [...listOf(flags[token.name]), ...value] : value;
      names = verb.flags[token.name]?.takes === 'names' ? token.name : undefined;
    } else if (rest !== undefined) rest.push(token.value);
    else if (names !== undefined && positionals.length >= verb.positionals.least)
      flags[names] = [...listOf(flags[names]), token.value];
    else positionals.push(token.value);
  }
  if (rest !== undefined && verb.rest === undefined)
    return usage(`${name} takes nothing after --`, see(`pipeline ${name}`));
  // The table and the loop above agree on every name and value; the compiler cannot see that.
  const invocation = { kind: 'run', verb: name, positionals, flags, rest: rest ?? [] } as unknown as Invocation;
  return (
    miscounted(name, verb, positionals) ??
    misnamed(name, verb, positionals) ??
    (name === 'realize' || verb.realizes ? naming(invocation as Realizing) : invocation)
  );
}

/** Not strict: what is unknown or misused is told in our words, with a suggestion. */
function tokensOf(verb: Verb, argv: readonly string[]): readonly Token[] {
  const options = Object.entries(verb.flags).map(([name, { takes }]) => {
    const type = takes === 'nothing' || takes === 'names' ? 'boolean' : 'string';
    return [name, { type } as const] as const;
  });
  const help = { help: { type: 'boolean', short: 'h' } } as const;
  const settings = { strict: false, allowPositionals: true, tokens: true } as const;
  return parseArgs({ ...settings, args: [...argv], options: { ...Object.fromEntries(options), ...help } }).tokens;
}

/** What a flag was given, or what is wrong with it. */
function valueOf(name: string, verb: Verb, token: Extract<Token, { kind: 'option' }>): Value | Usage {
  const { rawName: written, value, inlineValue: inline } = token;
  const flag: Flag | undefined = Object.hasOwn(verb.flags, token.name) ? verb.flags[token.name] : undefined;
  const more = see(`pipeline ${name}`);
  if (flag === undefined)
    return usage(`${name} has no flag ${written}`, meant(token.name, Object.keys(verb.flags), '--') ?? more);
  if (flag.takes === 'nothing') return value === undefined || usage(`${written} takes no value`, more);
  if (flag.takes === 'names') return value === undefined ? [] : [value];
  if (value === undefined || value === '') return usage(`${written} needs a value`, more);
  // Alone it is no flag: it stands for stdout.
  if (value.startsWith('-') && value !== '-' && !inline)
    return usage(`${written} needs a value`, `if ${value} is the value, write ${written}=${value}`);
  if (flag.takes === 'number') {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : undefined;
    if (number !== undefined && number >= flag.least && number <= flag.most) return number;
    return usage(`${written} cannot be ${value}`, `choose a whole number from ${flag.least} to ${flag.most}`);
  }
  if (flag.takes === 'texts') return [value];
  if (flag.takes === 'choice' && !flag.choices.includes(value))
    return usage(
      `${written} cannot be ${value}`,
      meant(value, flag.choices) ?? `choose one of ${flag.choices.join(', ')}`,
    );
  return value;
}

function miscounted(name: string, { positionals: { usage: wanted, least, most } }: Verb, given: readonly string[]) {
  if (given.length < least) return usage(`${name} needs ${wanted}`, `write \`pipeline ${name} ${wanted}\``);
  if (given.length > most)
    return usage(`${name} takes ${wanted}, and was given ${given.join(' ')}`, see(`pipeline ${name}`));
  return undefined;
}

/** `<stats|verify|gc>` in a verb's usage is one of three words, in its place. */
function misnamed(name: string, { positionals: { usage: wanted } }: Verb, given: readonly string[]): Usage | undefined {
  for (const [place, [, words = '']] of [...wanted.matchAll(/<([^>]+)>/g)].entries()) {
    const [word, known] = [given[place], words.split('|')];
    if (word !== undefined && known.length > 1 && !known.includes(word))
      return usage(`${name} has no ${word}`, meant(word, known) ?? `choose one of ${known.join(', ')}`);
  }
  return undefined;
}

/** The verbs that realize a version. */
type Realizing = Extract<Invocation, { verb: 'realize' | 'run-ui' | 'run-handler' }>;

/** `realize demo`, `--version-id demo` and `--spec versions/demo.json` name a version; two that disagree name none. A `--lock` may name it alone. */
function naming(asked: Realizing): Invocation | Usage {
  const { 'version-id': flagged, spec } = asked.flags;
  const ids = [...asked.positionals, ...(flagged === undefined ? [] : [flagged])];
  const fromFile = spec === undefined ? [] : [spec.replace(/^.*[/\\]/, '').replace(/\.json$/, '')];
  const names = new Set([...ids, ...fromFile]);
  if (names.size === 0 && asked.flags.lock === undefined)
    return usage(`${asked.verb} needs a version`, `write \`pipeline ${asked.verb} <id>\``);
  if (names.size > 1)
    return usage(`${asked.verb} makes one version, and was given ${[...names].join(' and ')}`, 'name it once');
  return { ...asked, positionals: ids.slice(0, 1) };
}

const listOf = (value: Value | undefined): readonly string[] => (Array.isArray(value) ? value : []);

const see = (command: string): string => `\`${command} --help\` says what there is`;

function meant(word: string, known: readonly string[], prefix = ''): string | undefined {
  const name = nearest(word, known);
  return name === undefined ? undefined : `did you mean ${prefix}${name}?`;
}
