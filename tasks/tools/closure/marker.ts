import { normalName } from '../python/wheel-name.ts';
import { admits } from './specifier.ts';
import { parseVersion } from './version.ts';

/** What a condition of a requirement may ask of a machine: `sys_platform`, `python_version` and the like. */
export type MarkerEnvironment = Readonly<Record<string, string>>;

/**
 * Whether the condition behind a requirement's `;` holds on a machine, for whoever asked for `extra` (nobody: ''). One that
 * cannot be read holds: better a package too many than one that is missed.
 */
export function holds(marker: string, environment: MarkerEnvironment, extra = ''): boolean {
  try {
    const reader = new Reader(tokensOf(marker), { ...environment, extra: normalName(extra) });
    return reader.all();
  } catch (error) {
    if (error instanceof SyntaxError) return true;
    throw error;
  }
}

type Token =
  | { readonly kind: 'text' | 'name'; readonly value: string }
  | { readonly kind: 'operator'; readonly value: string };

function tokensOf(marker: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern =
    /\s*(?:"([^"]*)"|'([^']*)'|(===|==|~=|!=|<=|>=|<|>|\(|\)|not\s+in\b|in\b|and\b|or\b)|([a-z_.]+))\s*/gy;
  while (pattern.lastIndex < marker.length) {
    const match = pattern.exec(marker);
    if (match === null) throw new SyntaxError(`${JSON.stringify(marker)} is no condition`);
    const [, double, single, operator, name] = match;
    if (operator !== undefined) tokens.push({ kind: 'operator', value: operator.replace(/\s+/, ' ') });
    else if (name === undefined) tokens.push({ kind: 'text', value: double ?? single ?? '' });
    else tokens.push({ kind: 'name', value: name });
  }
  return tokens;
}

/** Reads a condition from left to right; `or` binds less than `and`. */
class Reader {
  readonly #tokens: readonly Token[];
  readonly #environment: MarkerEnvironment;
  #at = 0;

  constructor(tokens: readonly Token[], environment: MarkerEnvironment) {
    this.#tokens = tokens;
    this.#environment = environment;
  }

  all(): boolean {
    const value = this.#either();
    if (this.#at < this.#tokens.length) throw new SyntaxError('more than a condition');
    return value;
  }

  #either(): boolean {
    let value = this.#both();
    while (this.#takes('or')) value = this.#both() || value;
    return value;
  }

  #both(): boolean {
    let value = this.#one();
    while (this.#takes('and')) value = this.#one() && value;
    return value;
  }

  #one(): boolean {
    if (this.#takes('(')) {
      const value = this.#either();
      if (!this.#takes(')')) throw new SyntaxError('a parenthesis is left open');
      return value;
    }
    const left = this.#operand();
    const operator = this.#next();
    const right = this.#operand();
    if (operator?.kind !== 'operator') throw new SyntaxError('an operator is missing');
    return compare(left, operator.value, right);
  }

  #operand(): Operand {
    const token = this.#next();
    if (token === undefined || token.kind === 'operator') throw new SyntaxError('a value is missing');
    if (token.kind === 'text') return { text: token.value, isExtra: false };
    const name = former[token.value] ?? token.value;
    const text = this.#environment[name];
    if (text === undefined) throw new SyntaxError(`${name} is not known`);
    return { text, isExtra: name === 'extra' };
  }

  #next(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  #takes(operator: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'operator' || token.value !== operator) return false;
    this.#at++;
    return true;
  }
}

interface Operand {
  readonly text: string;
  readonly isExtra: boolean;
}

/** Names that early packages used. */
const former: Readonly<Record<string, string>> = {
  'os.name': 'os_name',
  'sys.platform': 'sys_platform',
  'platform.machine': 'platform_machine',
  'platform.python_implementation': 'platform_python_implementation',
  'platform.version': 'platform_version',
  python_implementation: 'platform_python_implementation',
};

function compare(left: Operand, operator: string, right: Operand): boolean {
  const isExtra = left.isExtra || right.isExtra;
  const [a, b] = isExtra ? [normalName(left.text), normalName(right.text)] : [left.text, right.text];
  if (operator === 'in') return b.includes(a);
  if (operator === 'not in') return !b.includes(a);
  const comparable = !isExtra && parseVersion(a) !== undefined && parseVersion(b.replace(/\.\*$/, '')) !== undefined;
  if (comparable) return admits(`${operator}${b}`, a);
  switch (operator) {
    case '==':
    case '===':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      throw new SyntaxError(`${operator} compares versions`);
  }
}
